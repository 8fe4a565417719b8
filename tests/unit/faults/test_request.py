"""How a fault on the command line is parsed, and which errors are reported."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint

import pytest

from pytest_doctor_maint.faults import FAULTS, Fault, FaultRequest, Target, parse_fault
from pytest_doctor_maint.faults.catalogue.compute_dies import ComputeDies
from pytest_doctor_maint.faults.catalogue.live_migration_breaks_off import LiveMigrationBreaksOff
from pytest_doctor_maint.protocol import Step


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("compute_dies:host=compute-2", ComputeDies("compute-2")),
        (
            "compute_dies:host=compute-2,while_maintaining=compute-1,after=2.5,for_seconds=none",
            ComputeDies("compute-2", while_maintaining="compute-1", after=2.5, for_seconds=None),
        ),
        ("compute_dies:host=compute-2,upon=MAINTENANCE", ComputeDies("compute-2", upon=Step.MAINTENANCE)),
        ("live_migration_breaks_off:instance=doctor_ha_app_0", LiveMigrationBreaksOff("doctor_ha_app_0")),
    ],
)
def test_a_fault_with_its_parameters(text: str, expected: Fault) -> None:
    request = parse_fault(text)
    assert request.make() == expected
    assert str(request) == text


def test_a_fault_without_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Storm(Fault):
        name = "storm"
        injects = "a storm"

        def strike(self, target: Target) -> None:
            """Do nothing."""

        def heal(self, target: Target) -> None:
            """Do nothing."""

    FAULTS.names()
    monkeypatch.setitem(FAULTS._own, "storm", Storm)
    assert parse_fault("storm") == FaultRequest("storm")
    assert parse_fault("storm").make() == Storm()
    with pytest.raises(ValueError, match=r"^the fault storm has no parameter host; allowed: none$"):
        parse_fault("storm:host=compute-1").make()


@pytest.mark.parametrize("text", ["", ":host=a", "compute_dies:", "compute_dies:host", "compute_dies:host=a,", "x:=a"])
def test_a_text_in_another_form_is_not_a_fault(text: str) -> None:
    with pytest.raises(ValueError, match="is not a fault; allowed: NAME or NAME:key=value,key=value"):
        parse_fault(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hail", r"^there is no fault 'hail'; there are compute_dies, live_migration_breaks_off$"),
        (
            "compute_dies:host=compute-2,speed=3,colour=red",
            r"^the fault compute_dies has no parameter speed, colour; allowed: host, while_maintaining, upon, after, "
            "for_seconds$",
        ),
        ("compute_dies:host=a,host=b", r"^the fault compute_dies has a parameter twice: host; allowed: each once$"),
        ("compute_dies", r"^the fault compute_dies cannot be made: .*host"),
        ("compute_dies:host=none", r"^the fault compute_dies:host=none cannot be made: host: "),
        ("compute_dies:host=a,after=soon", r"^the fault compute_dies:host=a,after=soon cannot be made: after: "),
        ("compute_dies:host=a,upon=HOLIDAY", "cannot be made: upon: .*'MAINTENANCE'"),
    ],
)
def test_a_fault_that_cannot_be_made_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_fault(text).make()


def test_an_entry_point_that_is_not_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("hail", "builtins:int", FAULTS.group)
    monkeypatch.setattr(FAULTS, "_entry_points", lambda: {"hail": point})
    with pytest.raises(ValueError, match=r"the fault 'hail' \(builtins:int, from .*\) is not a subclass of Fault$"):
        parse_fault("hail").make()
