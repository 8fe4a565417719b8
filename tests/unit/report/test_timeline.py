"""The timeline of a run as an SVG picture: computes, instances, messages and the service."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import timeline


def texts(picture: str) -> list[str]:
    """Return the texts and the tips of a picture."""
    # The document is our own.
    tree = ElementTree.fromstring(picture)  # noqa: S314
    return [element.text or "" for element in tree.iter() if element.tag.endswith(("text", "title"))]


def test_the_timeline_shows_computes_instances_messages_and_the_service(good: History) -> None:
    shown = texts(timeline(good))
    for text in ("doctor", "compute-1", "compute-3", "doctor_ha_app_0", "IN_MAINTENANCE", "down 0 s in total"):
        assert text in shown
    assert any(text.startswith("PLANNED_MAINTENANCE, ACK_PLANNED_MAINTENANCE after") for text in shown)
    assert "messages and replies" in shown
    assert "no reply" not in shown


def test_a_missing_reply_is_marked_in_the_timeline(bad: History) -> None:
    assert texts(timeline(bad)).count("no reply") == 1


def test_downtime_is_marked_in_the_timeline(good: History, bad: History) -> None:
    assert "down 12 s in total" in texts(timeline(bad))
    assert any(text.startswith("down for 12 s: doctor_ha_app_0") for text in texts(timeline(bad)))
    assert not any(text.startswith("down for") for text in texts(timeline(good)))


def test_a_compute_is_shown_as_down_until_it_is_up_again(good: History) -> None:
    # given a compute whose last state is that it is down
    last = good.of("compute", host="compute-2")[-1]
    down = History(
        events=[replace(event, data={**event.data, "state": "down"}) if event == last else event for event in good]
    )
    # then
    assert "compute-2 is down" in texts(timeline(down))
    assert "compute-2 is down" not in texts(timeline(good))


def test_names_cannot_break_the_picture(good: History) -> None:
    events = [
        replace(event, data={**event.data, "scenario": "</text><script>"}) if event.kind == "run.started" else event
        for event in good
    ]
    assert "</text><script>" in texts(timeline(History(events=events)))


def test_an_empty_history_has_no_timeline() -> None:
    with pytest.raises(ValueError, match="empty history"):
        timeline(History())


def test_the_same_history_gives_the_same_picture(good: History) -> None:
    assert timeline(good) == timeline(good)
