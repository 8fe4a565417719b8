"""The page that plays a run again: its data at each moment, and that a history cannot become a part of the program."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.report import replay as package
from pytest_doctor_maint.report.replay import replay
from pytest_doctor_maint.report.replay.page import SCRIPTS
from tests.support.changed_histories import changed_histories
from tests.support.replays import Page, changed

FOLDER = Path(package.__file__ or "").parent
HOSTILE = "</script><script>alert(1)</script>]]>\x00\x1b[2J\u202e\u2028<!--"


def run_of(history: History) -> dict[str, Any]:
    """Return the data of the page of a run."""
    (run,) = Page(replay(history, judge(history))).data["runs"]
    return dict(run)


def at(changes: list[list[Any]], ms: int) -> list[Any]:
    """Return the last change until a moment, as the page finds it."""
    return [change for change in changes if change[0] <= ms][-1]


@pytest.fixture
def run(good: History) -> dict[str, Any]:
    """The data of the page of a run in which every claim holds."""
    return run_of(good)


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_else_and_runs_only_what_is_ours(good: History) -> None:
    page = Page(replay(good, judge(good)))
    links = [name for _, attributes in page.elements for name in attributes if name in ("src", "href", "style")]
    assert links == []
    (policy,) = [a["content"] or "" for _, a in page.elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    scripts = [text for tag, text in page.texts if tag == "script" and not text.isspace()]
    styles = [text for tag, text in page.texts if tag == "style"]
    for name, text in (("script-src", scripts[1]), ("style-src", styles[0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{name} 'sha256-{digest}'" in policy
    assert "innerHTML" not in scripts[1]


@pytest.mark.skipif(shutil.which("node") is None, reason="no node here; tests/browser runs the program as well")
def test_the_program_is_javascript_of_short_lines(good: History, tmp_path: Path) -> None:
    program = tmp_path / "replay.js"
    program.write_text([text for tag, text in Page(replay(good, None)).texts if tag == "script"][-1])
    assert all(len(line) <= 120 for line in program.read_text().splitlines())
    # The program is our own.
    subprocess.run(["node", "--check", program], check=True)  # noqa: S603, S607


def test_each_script_of_the_folder_is_on_the_page() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.js")) == sorted(SCRIPTS)


def test_the_same_history_gives_the_same_page(good: History, bad: History) -> None:
    assert replay(good, judge(good), bad) == replay(good, judge(good), bad)


@pytest.mark.parametrize("other", [None, History()])
def test_an_empty_history_cannot_be_replayed(good: History, other: History | None) -> None:
    with pytest.raises(ValueError, match="an empty history cannot be replayed"):
        replay(History() if other is None else good, None, other)


def test_a_history_that_was_not_judged_is_replayed(good: History) -> None:
    (run,) = Page(replay(good, None)).data["runs"]
    assert (run["outcomes"], run["violations"]) == ({}, [])


# -- hostile histories -----------------------------------------------------------------------------------------------


def test_a_hostile_history_is_only_text(good: History) -> None:
    names = {"doctor_ha_app_0", "compute-1", "ADMIN_ACTION_DONE"}

    def spoil(text: str) -> str:
        return text + HOSTILE if text in names else text

    history = changed(good, spoil)
    history = History(
        events=[
            replace(event, data={**event.data, "scenario": HOSTILE * 9999, HOSTILE: [[[HOSTILE]]]})
            if event.kind == kinds.RUN_STARTED
            else event
            for event in history
        ]
    )
    text = replay(history, judge(history))
    page = Page(text)
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert text.isascii()
    assert all(line.isprintable() for line in text.split("\n"))
    assert page.data["runs"][0]["computes"][0]["name"].startswith("compute-1</script>")


def test_long_and_deep_data_is_cut(good: History) -> None:
    deep: Any = "bottom"
    for _ in range(200):
        deep = [deep]
    data = {"long": "x" * 10**6, "deep": deep, "many": list(range(10**5)), "large": 10**400, "wide": 2**60}
    first = replace(good.events[0], data={**good.events[0].data, **data})
    text = replay(History(events=[first, *good.events[1:]]), None)
    assert len(text) < 500_000
    shown = Page(text).data["runs"][0]["events"][0]["data"]
    assert shown["host"] == "compute-1"
    assert shown["long"].endswith("...")
    assert len(shown["long"]) == 2000
    assert shown["many"][:3] == [0, 1, 2]
    assert "bottom" not in json.dumps(shown)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=changed_histories())
def test_every_history_that_can_be_read_is_replayed(history: History) -> None:
    page = Page(replay(history, None))
    assert len(page.data["runs"][0]["events"]) == len(history)
    assert [tag for tag, _ in page.elements].count("script") == 2


# -- what is where at a moment ----------------------------------------------------------------------------------------


def test_moments_are_counted_from_the_request_of_the_admin(good: History, run: dict[str, Any]) -> None:
    (created,) = good.of("session.created")
    assert run["events"][created.seq - 1]["at"] == 0
    assert run["begin"] < 0 < run["end"]
    assert run["zero"] == "2030-01-01T00:00:20.000000Z"


def test_instances_are_on_their_computes_at_each_moment(good: History, run: dict[str, Any]) -> None:
    places = {change[1]: change[2] for server in run["servers"] for change in server["states"]}
    for event in good.of("server", status="ACTIVE"):
        assert run["computes"][places[event.seq][0]]["name"] == event.data["host"]
    deleted = [server for server in run["servers"] if server["states"][-1][3].startswith("DELETED")]
    assert deleted
    assert all(server["states"][-1][2] == [] for server in deleted)


def test_a_compute_is_in_maintenance_and_then_maintained(good: History, run: dict[str, Any]) -> None:
    entered = good.of("notification", state="IN_MAINTENANCE", host="compute-1")[0]
    left = good.of("notification", state="MAINTENANCE_COMPLETE", host="compute-1")[0]
    states = {compute["name"]: compute["states"] for compute in run["computes"]}["compute-1"]
    began, ended = (run["events"][event.seq - 1]["at"] for event in (entered, left))
    assert at(states, began - 1)[2] == "disabled"
    assert at(states, began)[2:] == ["maintenance", "work"]
    assert at(states, ended - 1)[2] == "maintenance"
    assert at(states, ended)[3] in ("done", "idle")


def test_a_window_is_open_until_the_reply_or_for_good(good: History, bad: History) -> None:
    (message,) = good.of("notification", state="DOWN_SCALE")
    (reply,) = good.of("reply", state="ACK_DOWN_SCALE")

    def window(history: History) -> dict[str, Any]:
        return next(window for window in run_of(history)["windows"] if window["event"] == message.seq)

    answered, unanswered = window(good), window(bad)
    took = round((reply.at - message.at).total_seconds() * 1000)
    assert answered["until"] - answered["from"] == took
    assert answered["reply"] == reply.seq
    assert unanswered["replied"] is None
    assert unanswered["until"] >= unanswered["due"] > unanswered["from"]


def test_the_outage_and_the_violations_are_shown(good: History, bad: History) -> None:
    run = run_of(bad)
    (address,) = run["addresses"]
    assert [end - begin for begin, end, *_ in address["outages"]] == [12_000]
    downtime = [violation for violation in run["violations"] if violation["claim"] == "downtime_is_zero"]
    assert len(downtime) == 1
    assert downtime[0]["events"]
    moments = [violation["at"] for violation in run["violations"]]
    assert moments == sorted(moments)
    assert run_of(good)["violations"] == []


# -- causes ----------------------------------------------------------------------------------------------------------


def test_the_causes_of_a_move_lead_to_the_request_of_the_admin(good: History, run: dict[str, Any]) -> None:
    moved = good.of("server", status="VERIFY_RESIZE")[0]
    chain = [moved.seq]
    while (cause := run["events"][chain[-1] - 1]["cause"]) is not None:
        assert cause < chain[-1]
        chain.append(cause)
    assert [good.events[seq - 1].kind for seq in chain] == [
        "server",
        "server",
        "reply",
        "notification",
        "session.created",
    ]
    # The admin tool moves it, and its replies are recorded with their cause.
    assert [run["events"][seq - 1]["recorded"] for seq in chain] == [False, False, True, False, False]


def test_every_message_leads_to_the_request_of_the_admin(good: History, run: dict[str, Any]) -> None:
    for event in (*good.of("notification"), *good.of("alarm"), *good.of("reply")):
        seq: int | None = event.seq
        while (cause := run["events"][(seq or 0) - 1]["cause"]) is not None:
            seq = cause
        assert run["events"][(seq or 0) - 1]["kind"] == "session.created"


def test_what_was_before_the_request_has_no_cause(good: History, run: dict[str, Any]) -> None:
    (created,) = good.of("session.created")
    assert {event["cause"] for event in run["events"][: created.seq]} == {None}


def test_the_policy_has_no_other_source(good: History) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', replay(good, None))
    assert set(re.findall(r"[a-z]+-src|base-uri|form-action", policy)) == {
        "default-src",
        "script-src",
        "style-src",
        "base-uri",
        "form-action",
    }
