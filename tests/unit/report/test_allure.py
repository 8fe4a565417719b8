"""A run in an Allure report: its steps, their outcomes and times, and what is attached."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from pytest_doctor_maint.claims import Judgement, Outcome, Verdict, judge
from pytest_doctor_maint.claims.judging import ITSELF
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import allure_failure, allure_refusal, allure_steps
from pytest_doctor_maint.report.allure.attachments import attachments_of
from pytest_doctor_maint.report.allure.categories import categories, configuration
from pytest_doctor_maint.report.allure.links import DOCUMENTS, links_of
from pytest_doctor_maint.report.allure.step import Status, Step
from pytest_doctor_maint.report.allure.tree import steps_of
from tests.support.allure import RecordedAllure
from tests.support.changed_histories import changed_histories
from tests.support.history_builder import full_cloud


def named(steps: tuple[Step, ...], title: str) -> Step:
    """Return the one step of these whose title begins so."""
    (found,) = (step for step in steps if step.title.startswith(title))
    return found


def all_of(steps: tuple[Step, ...]) -> list[Step]:
    return [each for step in steps for each in (step, *all_of(step.steps))]


class TestTree:
    def test_the_claims_come_first_and_then_each_phase(self, good: History) -> None:
        claims, *phases = steps_of(good, judge(good))
        assert claims.title.startswith("claims: ")
        titles = ["announce", "make room", "maintain compute-1", "maintain compute-2", "maintain compute-3", "complete"]
        assert sorted(step.title for step in phases) == sorted(titles)

    def test_below_a_message_are_the_answer_and_what_was_done_upon_it(self) -> None:
        history = full_cloud().history()
        room = named(steps_of(history, judge(history)), "make room")
        message = named(room.steps, "PREPARE_MAINTENANCE to doctor")
        assert message.title == "PREPARE_MAINTENANCE to doctor about app_3"
        assert [step.title for step in message.steps] == [
            "ACK_PREPARE_MAINTENANCE from doctor",
            "cold migration of app_3 from compute-3 to compute-1",
            "ADMIN_ACTION_DONE to doctor about app_3",
        ]

    def test_a_step_has_its_times_on_the_clock_of_the_run(self) -> None:
        history = full_cloud().history()
        message = named(named(steps_of(history, judge(history)), "make room").steps, "DOWN_SCALE")
        answer = named(message.steps, "ACK")
        (sent,), (replied,) = (
            history.of("notification", state="DOWN_SCALE"),
            history.of("reply", state="ACK_DOWN_SCALE"),
        )
        assert (answer.begin, answer.end) == (sent.at, replied.at)
        assert (message.begin, message.end) == (sent.at, replied.at)

    def test_a_message_says_its_actor_its_window_and_the_time_left(self) -> None:
        history = full_cloud().history()
        message = named(named(steps_of(history, judge(history)), "make room").steps, "DOWN_SCALE")
        assert message.parameters == {
            "actor": "admin tool",
            "at s": "30",
            "window s": "120",
            "reply": "ACK_DOWN_SCALE",
            "time left s": "118",
        }

    def test_the_work_on_a_compute_lasts_until_it_ends(self, good: History) -> None:
        phases = steps_of(good, judge(good))
        work = [step for step in all_of(phases) if step.title.startswith("work on ")]
        assert [(step.end - step.begin).total_seconds() for step in work] == [60, 60, 60]

    def test_a_move_that_does_not_end_is_broken(self) -> None:
        run = full_cloud()
        first, *_ = run.all("server", status="VERIFY_RESIZE")
        for draft in run.drafts[run.drafts.index(first) :]:
            run.drop(draft)
        history = run.history()
        move = named(tuple(all_of(steps_of(history, judge(history)))), "cold migration of app_3")
        assert move.status is Status.BROKEN
        assert move.reason.endswith("did not end")

    def test_a_run_that_broke_off_says_so_first(self, good: History) -> None:
        begin = History(events=good.events[:60])
        first, *_ = steps_of(begin, judge(begin), broke_off="nova: HTTP 500")
        assert (first.title, first.status) == ("the run broke off: nova: HTTP 500", Status.BROKEN)

    def test_an_empty_history_has_no_steps(self) -> None:
        assert steps_of(History(), Judgement(())) == ()

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=changed_histories())
    def test_any_history_has_steps_that_are_safe_to_show(self, history: History) -> None:
        judgement = judge(history, ["messages_are_answered", "downtime_is_zero"])
        for step in all_of(steps_of(history, judgement)):
            texts = (step.title, step.reason, *step.parameters, *step.parameters.values())
            assert all(text.isprintable() for text in texts)
            assert step.begin <= step.end


class TestOutcomes:
    def test_a_violated_claim_has_failed_and_says_why(self, bad: History) -> None:
        claims, *_ = steps_of(bad, judge(bad))
        first = named(claims.steps, "messages_are_answered violated: ")
        assert (claims.status, first.status) == (Status.FAILED, Status.FAILED)
        assert [step.status for step in first.steps] == [Status.FAILED]
        assert first.reason
        assert first.parameters["source"] == "use case, Fenix API reference"

    def test_the_message_that_shows_a_breach_has_failed_and_so_has_its_phase(self, bad: History) -> None:
        steps = steps_of(bad, judge(bad, ["messages_are_answered"]))
        room = named(steps, "make room")
        message = named(room.steps, "DOWN_SCALE to doctor")
        assert (room.status, message.status) == (Status.FAILED, Status.FAILED)
        assert message.reason.startswith("messages_are_answered: ")
        assert named(steps, "announce").status is Status.PASSED

    @pytest.mark.parametrize(
        ("outcome", "summary", "status"),
        [
            (Outcome.HOLDS, "all is well", Status.PASSED),
            (Outcome.UNKNOWN, "not seen", Status.SKIPPED),
            (Outcome.NOT_APPLICABLE, "there are no groups", Status.SKIPPED),
            (Outcome.UNKNOWN, f"{ITSELF}KeyError: 'x'", Status.BROKEN),
        ],
    )
    def test_each_outcome_of_a_claim_has_its_status(
        self, good: History, outcome: Outcome, summary: str, status: Status
    ) -> None:
        claims, *_ = steps_of(good, Judgement((Verdict("a_claim", outcome, summary),)))
        assert (claims.steps[0].status, claims.status) == (status, status)
        assert claims.steps[0].reason == ("" if status is Status.PASSED else summary)

    def test_an_expected_violation_says_so(self, bad: History) -> None:
        claims, *_ = steps_of(bad, judge(bad), expected=["messages_are_answered"])
        assert named(claims.steps, "messages_are_answered violated as expected: ")


class TestReport:
    def test_allure_gets_the_steps_with_their_times(self, good: History, allure: RecordedAllure) -> None:
        allure_steps(good, judge(good))
        announce = next(step for step in allure.test.steps if step.name == "announce")
        (created,) = good.of("session.created")
        assert datetime.fromtimestamp(announce.start / 1000, UTC) == created.at
        assert announce.stop >= announce.start
        assert {step.status for step in allure.steps()} <= {"passed", "skipped"}

    def test_no_title_has_an_id(self, good: History, allure: RecordedAllure) -> None:
        allure_steps(good, judge(good))
        ids = [event.data["session_id"] for event in good.of("session.created")]
        ids += [event.data["server_id"] for event in good.of("server")]
        assert not any(identifier in title for identifier in ids for title in allure.titles)

    def test_a_later_run_of_a_test_is_told_apart(self, good: History, allure: RecordedAllure) -> None:
        for run in (1, 2):
            allure_steps(good, judge(good, ["downtime_is_zero"]), run=run)
        assert {"announce", "run 2: announce"} <= set(allure.titles)
        assert {"history", "run 2: history"} <= set(allure.attached)

    def test_the_attached_history_is_the_saved_one(self, good: History, allure: RecordedAllure, tmp_path: Path) -> None:
        allure_steps(good, judge(good, ["downtime_is_zero"]))
        assert allure.attached["history"] == good.save(tmp_path / "run.jsonl").read_text(encoding="utf-8")

    def test_a_failure_has_its_text_and_the_replay(self, bad: History, allure: RecordedAllure) -> None:
        allure_failure("1 of 38 claims fail", bad, judge(bad))
        assert set(allure.attached) == {"failure", "replay"}
        assert allure.attached["failure"] == "1 of 38 claims fail"

    def test_what_was_refused_is_a_broken_step(self, allure: RecordedAllure) -> None:
        allure_refusal("UnsuitableCloud: there are 2 computes")
        (step,) = allure.test.steps
        assert step.name == "nothing was carried out: UnsuitableCloud: there are 2 computes"
        assert step.status == "broken"

    def test_without_an_active_allure_nothing_happens(self, good: History, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "allure_commons", None)
        allure_steps(good, judge(good))
        allure_failure("text", good, judge(good))
        allure_refusal("text")


class TestAttachments:
    def test_the_exchanges_say_how_each_request_was_answered(self) -> None:
        run = full_cloud()
        reply = run.one("reply", state="ACK_DOWN_SCALE")
        run.after(reply).refuse(reply)
        history = run.history()
        found = {each.name: each for each in attachments_of(history, judge(history))}
        exchanges = json.loads(found["exchanges"].body)["exchanges"]
        (refused,) = (each for each in exchanges if each["answer"] != "accepted")
        assert refused["about"] == "ACK_DOWN_SCALE from doctor"
        assert refused["answer"] == {"refused": {"status": 409, "error": "no answer is due"}}
        assert (refused["from"], refused["to"]) == ("app_manager", "admin_tool")

    def test_the_exchanges_have_no_secret(self) -> None:
        run = full_cloud()
        run.one("reply", state="ACK_DOWN_SCALE").data["body"] = {
            "auth_token": "s3cret",
            "u": f"/maintenance/{'x' * 43}",
        }
        history = run.history()
        (exchanges,) = (each for each in attachments_of(history, judge(history)) if each.name == "exchanges")
        assert "s3cret" not in exchanges.body
        assert "x" * 43 not in exchanges.body


class TestCategoriesAndLinks:
    def test_there_is_a_category_for_each_claim(self) -> None:
        found = json.loads(categories(["downtime_is_zero", "no_thread_died"]))
        names = [category["name"] for category in found]
        assert names[0] == "unfit cloud"
        assert {"violated: downtime_is_zero", "violated: no_thread_died"} <= set(names)
        assert json.loads(configuration(["downtime_is_zero", "no_thread_died"]))["categories"] == found

    def test_links_lead_to_the_sources_of_the_claims_that_fail(self, bad: History, good: History) -> None:
        names = {link.name for link in links_of(judge(bad))}
        assert {"messages_are_answered: use case", "messages_are_answered: Fenix API reference"} <= names
        assert {link.name for link in links_of(judge(good))} <= set(DOCUMENTS)
