"""The parts of the timeline: the widths of names, the lanes, and the roles of instances."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.report.timeline.lanes import GAP, Lane, Lanes
from pytest_doctor_maint.report.timeline.lettering import ended, fitted, told_apart, width
from pytest_doctor_maint.report.timeline.names import instance_names
from pytest_doctor_maint.report.timeline.roles import Roles
from tests.support.history_builder import OTHER_PROJECT, HistoryBuilder, full_cloud


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80), st.integers(20, 300))
def test_a_fitted_text_is_not_wider_than_its_room(text: str, room: int) -> None:
    assert width(fitted(text, room)) <= room
    assert width(ended(text, room)) <= room
    assert all(width(name) <= room for name in told_apart([text, f"{text}-1", "other"], room))


def test_a_name_that_fits_is_not_cut() -> None:
    assert fitted("compute-1", width("compute-1")) == "compute-1"
    assert told_apart(["compute-1", "compute-17"], 200) == ["compute-1", "compute-17"]


def test_a_long_name_keeps_both_ends_and_a_long_sentence_its_begin() -> None:
    assert fitted("a-very-long-name-of-an-instance-17", 100).endswith("17")
    assert ended("a long sentence that has no room", 100) == "a long sentence …"


def test_long_names_are_told_apart_by_what_differs() -> None:
    names = [f"overcloud-novacompute-{number}.region-one.example.org" for number in (1, 17)]
    assert told_apart(names, 180) == ["overcloud-novacompute-1…", "overcloud-novacompute-17…"]
    assert told_apart(names, 70) == ["overclo…1…", "overcl…17…"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=40))
def test_nothing_on_a_lane_overlaps(stretches: list[tuple[int, int]]) -> None:
    lanes = Lanes(3)
    placed: list[tuple[int, int, int]] = []
    for begin, length in stretches:
        lane = lanes.place(begin, begin + length)
        if lane is not None:
            placed.append((lane, begin, begin + length))
        else:
            # Each lane has something there.
            near = {one for one, first, last in placed if first < begin + length + GAP and last > begin - GAP}
            assert near == {0, 1, 2}
    for place, (lane, begin, end) in enumerate(placed):
        others = [(first, last) for one, first, last in placed[:place] if one == lane]
        assert all(last + GAP <= begin or end + GAP <= first for first, last in others)


def test_stretches_that_touch_are_taken_as_one() -> None:
    lane = Lane()
    lane.take(10, 20)
    lane.take(40, 50)
    lane.take(15, 45)
    assert lane.is_covered(10, 50)
    assert not lane.is_covered(9, 50)
    assert not lane.is_free(30, 35)
    assert lane.is_free(0, 10 - GAP)


def test_the_roles_follow_the_floating_ip() -> None:
    run = full_cloud()
    index = index_of(run.history())
    roles = Roles(index)
    created, ended_at = index.events[0].at, index.last.at
    assert [moved.target for moved in roles.switch_overs] == ["id-ha_1", "id-ha_0"]
    assert [segment.role for segment in roles.segments("id-ha_0", created, ended_at)] == ["ACT", "STBY", "ACT"]
    assert [segment.role for segment in roles.segments("id-ha_1", created, ended_at)] == ["STBY", "ACT", "STBY"]
    assert [segment.role for segment in roles.segments("id-app_1", created, ended_at)] == [""]


def test_a_floating_ip_that_is_taken_away_and_given_to_another_is_a_switch_over() -> None:
    run = full_cloud()
    run.before(run.one("floating_ip", 1)).floating_ip(None)
    assert len(Roles(index_of(run.history())).switch_overs) == 2


@pytest.mark.parametrize(
    ("project", "expected"), [(OTHER_PROJECT, {"a (doctor)", "a (other)"}), ("project-1", {"a"})], ids=["two", "one"]
)
def test_instances_of_one_name_are_told_apart_by_their_projects(project: str, expected: set[str]) -> None:
    run = HistoryBuilder()
    run.run_started(["compute-1"], {})
    run.boot("a", "compute-1")
    run.boot("a", "compute-1", project=project).data["server_id"] = "id-2"
    assert set(instance_names(index_of(run.history())).values()) == expected
