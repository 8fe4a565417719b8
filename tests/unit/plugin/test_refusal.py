"""Names that do not exist are refused with the nearest one, before anything is started."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_doctor_maint import AdminToolContext, Scenario
from pytest_doctor_maint.attach.preconditions import UnsuitableCloud
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.claims.judging import UnknownClaim
from pytest_doctor_maint.history import History
from pytest_doctor_maint.plugin.refused import claims_named_in
from pytest_doctor_maint.refusal import Refusal, UnknownSetting, suggestion
from pytest_doctor_maint.registry import UnknownName
from pytest_doctor_maint.testbed.settings import TestbedSettings

GIVEN = Scenario(TestbedSettings(wire="memory")).on(3).full()


def never(context: AdminToolContext[object]) -> object:
    """Stand for an admin tool that must not be made."""
    raise AssertionError("the admin tool was made")


@pytest.mark.parametrize(
    ("ask", "kind", "message"),
    [
        (lambda: GIVEN.where(make_admintool=never), UnknownSetting, "make_admintool (did you mean 'make_admin_tool'?)"),
        (lambda: GIVEN.where(windows=1), UnknownSetting, "has no setting windows; there are seed, timings, "),
        (lambda: GIVEN.deciding(scale_dwn="spread"), UnknownSetting, "scale_dwn (did you mean 'scale_down'?)"),
        (lambda: GIVEN.deciding(scale_down="spred"), Refusal, "invalid scale_down 'spred' (did you mean 'spread'?)"),
        (lambda: GIVEN.constrained(instanc=None), UnknownSetting, "instanc (did you mean 'instance'?)"),
        (lambda: GIVEN.played_by(admin_tool="fenx"), UnknownName, "no admin tool 'fenx' (did you mean 'fenix'?)"),
        (
            lambda: judge(History(), ["downtime_is_zeroo"]),
            UnknownClaim,
            "(did you mean 'downtime_is_zero'?); there are",
        ),
        (
            lambda: judge(History(), parameters={"downtime_is_zero": {"allowed_outage": 1.0}}),
            UnknownClaim,
            "allowed_outage (did you mean 'allowed_outage_s'?); there are allowed_outage_s",
        ),
    ],
)
def test_a_misspelt_name_is_refused_with_the_nearest_one(
    ask: Callable[[], object], kind: type[Refusal], message: str
) -> None:
    with pytest.raises(kind) as refused:
        ask()
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (GIVEN.deciding("docter", delay=1.0), "no project with an application docter (did you mean 'doctor'?)"),
        (GIVEN.maintaining("compute-9"), "there is no compute compute-9 (did you mean 'compute-"),
        (GIVEN.where(workflow="defualt"), "no workflow of the admin tool defualt (did you mean 'default'?)"),
        (GIVEN.where(wire="memry"), "no wire memry (did you mean 'memory'?); there are socket, memory"),
    ],
)
def test_what_only_a_run_can_check_is_refused_before_it_starts(given: Scenario, message: str) -> None:
    with pytest.raises(UnsuitableCloud) as refused:
        given.where(prepare=never).carry_out()
    assert message in str(refused.value)


def test_a_name_that_is_near_to_none_has_no_suggestion() -> None:
    assert suggestion("watcher", ("sample", "fenix")) == ""
    assert suggestion("Sample", ("sample", "fenix")) == " (did you mean 'sample'?)"
    assert suggestion(None, ("sample", "fenix")) == ""


def test_the_claims_that_a_test_names_are_read_from_its_source() -> None:
    def scenario(maintenance, lock, name):  # type: ignore[no-untyped-def]
        then = maintenance.when(maintenance.given(3))
        lock.holds("not a claim")
        then.holds("one", name, parameters={"two": {}})
        maintenance.when(lock).violates("three")

    assert list(claims_named_in(scenario)) == ["one", "three"]
    assert list(claims_named_in(len)) == []
