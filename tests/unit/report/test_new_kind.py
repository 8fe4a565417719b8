"""A new kind of event is declared in one place, and recorded, described and documented from there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.history.kinds import Kind
from pytest_doctor_maint.report import allure_steps, sequence
from pytest_doctor_maint.report.describe import names_of
from tests.support.allure import RecordedAllure
from tests.support.histories import Ticking, declared


@pytest.fixture
def power_lost() -> Iterator[Kind]:
    """A kind that is declared in one place, here."""
    kind = Kind(
        "power.lost",
        "A rack lost its power.",
        fields={"rack_id": "the rack", "name": "the name of the rack"},
        actors=("probe",),
        target="inspector",
        text=lambda data, name: f"{name(data['rack_id'])} has no power",
        names=lambda data, number: {data["rack_id"]: data["name"]},
        is_step=True,
    )
    with declared(kind):
        yield kind


@pytest.fixture
def history(power_lost: Kind) -> History:
    """A history with one event of the new kind."""
    history = History(Ticking())
    history.append("probe", "power.lost", {"rack_id": "r-3", "name": "rack three"})
    return history


def test_it_is_recorded(history: History) -> None:
    (event,) = history.of("power.lost")
    assert event.data["rack_id"] == "r-3"
    with pytest.raises(ValueError, match=r"an event of kind 'power\.lost' lacks name, rack_id"):
        history.append("probe", "power.lost", {})


def test_it_is_described_in_a_diagram(history: History) -> None:
    head, line = sequence(history.events, names=names_of(history)).splitlines()
    assert set(head.split()) == {"probe", "inspector"}
    assert line.endswith("rack three has no power")


def test_it_is_a_step_in_an_allure_report(history: History, allure: RecordedAllure) -> None:
    allure_steps(history, judge(history, ["downtime_is_zero"]))
    assert "rack three has no power" in allure.titles


def test_it_is_in_the_reference(power_lost: Kind) -> None:
    assert kinds.all_kinds()[-1] is power_lost
    assert power_lost.fields["rack_id"] == "the rack"


def test_a_history_with_it_can_be_read_where_it_is_not_declared(tmp_path: Path) -> None:
    # given a saved history of a plugin that declares a kind
    with declared(Kind("power.lost", "A rack lost its power.", text=lambda data, name: "no power")):
        history = History(Ticking())
        history.append("probe", "power.lost", {"rack_id": "r-3"})
        path = history.save(tmp_path / "run.jsonl")
    # when it is read without the plugin
    loaded = History.load(path)
    # then
    assert loaded.events[0].data == {"rack_id": "r-3"}
    assert sequence(loaded.events).endswith("power.lost")
