"""The phases of sessions, derived from histories alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

from hypothesis import HealthCheck, given, settings

from pytest_doctor_maint.history import History
from pytest_doctor_maint.report.phases import Phase, phases_of
from tests.support.changed_histories import changed_histories
from tests.support.history_builder import ADMIN, EPOCH, HistoryBuilder, full_cloud

HOSTS = ("compute-1", "compute-2")


def titles(history: History) -> list[str]:
    return [phase.title for phase in phases_of(history)]


def phase(history: History, title: str) -> Phase:
    (found,) = (each for each in phases_of(history) if each.title == title)
    return found


def seconds(found: Phase) -> tuple[float, float]:
    return (found.begin - EPOCH).total_seconds(), (found.end - EPOCH).total_seconds()


def small_cloud() -> HistoryBuilder:
    """Two computes, the first one with two instances."""
    run = HistoryBuilder()
    run.run_started(HOSTS, {}, dialect="fenix")
    for host in HOSTS:
        run.compute(host)
    run.boot("app_0", "compute-1")
    run.boot("app_1", "compute-1")
    return run


def notice(run: HistoryBuilder, state: str) -> None:
    """Write Fenix's message to the admin about the progress of the session."""
    run.log(
        "admin_tool",
        "notification",
        event_type="maintenance.session",
        session_id="session-1",
        project_id=ADMIN,
        state=state,
    )


class TestSample:
    def test_the_phases_are_those_of_the_use_case(self) -> None:
        assert titles(full_cloud().history()) == [
            "announce",
            "make room",
            "maintain compute-3",
            "maintain compute-1",
            "maintain compute-2",
            "complete",
        ]

    def test_a_phase_lasts_from_its_first_event_to_its_last(self) -> None:
        history = full_cloud().history()
        assert seconds(phase(history, "announce")) == (0, 1)
        assert seconds(phase(history, "make room")) == (30, 45)
        assert seconds(phase(history, "maintain compute-3")) == (45, 105)
        assert seconds(phase(history, "maintain compute-1")) == (105, 192)

    def test_what_happens_before_the_session_and_after_its_deletion_has_no_phase(self) -> None:
        history = full_cloud().history()
        seqs = sorted(chain.from_iterable(phase.seqs for phase in phases_of(history)))
        (created,), (deleted,) = history.of("session.created"), history.of("session.deleted")
        assert seqs == list(range(created.seq, deleted.seq + 1))

    def test_a_message_belongs_to_the_compute_that_its_instances_leave(self) -> None:
        history = full_cloud().history()
        first, second = history.of("notification", state="PLANNED_MAINTENANCE")
        assert first.seq in phase(history, "maintain compute-1").seqs
        assert second.seq in phase(history, "maintain compute-2").seqs

    def test_a_message_without_an_answer_belongs_to_the_compute_that_is_maintained_next(self) -> None:
        run = full_cloud()
        run.drop(*run.all("reply", state="ACK_PLANNED_MAINTENANCE"))
        history = run.history()
        first, second = history.of("notification", state="PLANNED_MAINTENANCE")
        assert first.seq in phase(history, "maintain compute-1").seqs
        assert second.seq in phase(history, "maintain compute-2").seqs


class TestFenix:
    def test_a_message_to_the_admin_belongs_to_the_message_that_is_sent_with_it(self) -> None:
        run = small_cloud()
        run.session(HOSTS)
        for state in ("MAINTENANCE", "SCALE_IN"):
            notice(run, state)
            run.reply(run.message(state))
            run.wait(10)
        notice(run, "START_MAINTENANCE")
        run.maintain("compute-2")
        notice(run, "PLANNED_MAINTENANCE")
        run.reply(run.message("PLANNED_MAINTENANCE"), actions={"app_0": "MIGRATE"})
        history = run.history()
        assert titles(history) == ["announce", "make room", "maintain compute-2", "maintain compute-1"]
        notices = history.of("notification", event_type="maintenance.session")
        for found, title in zip(notices, titles(history), strict=True):
            assert found.seq in phase(history, title).seqs

    def test_plug_ins_belong_to_the_compute_or_to_the_begin_and_the_end_of_the_session(self) -> None:
        run = small_cloud()
        run.session(HOSTS)
        run.reply(run.message("MAINTENANCE"))
        for kind, host in (("pre", None), ("host", "compute-2"), ("post", None)):
            run.log(
                "admin_tool", "action", session_id="session-1", plugin="upgrade", type=kind, host=host, phase="started"
            )
        assert titles(run.history()) == ["announce", "maintain compute-2", "complete"]


class TestVnf:
    def test_messages_about_single_instances_while_another_compute_is_maintained(self) -> None:
        """Their effects belong to the compute that is emptied, although work goes on elsewhere."""
        run = small_cloud()
        run.session(HOSTS, workflow="vnf")
        run.reply(run.message("MAINTENANCE"))
        run.wait(30)
        message = run.message("PLANNED_MAINTENANCE", instances=["id-app_0"])
        run.host_message("compute-2", "IN_MAINTENANCE")
        run.reply(message, actions={"app_0": "MIGRATE"})
        work = run.log("admin_tool", "host.work", host="compute-2", session_id="session-1", phase="started")
        run.migrate("app_0", "compute-1", "compute-2")
        done = run.action_done("app_0")
        history = run.history()
        assert titles(history) == ["announce", "maintain compute-1", "maintain compute-2"]
        emptied, worked = phase(history, "maintain compute-1").seqs, phase(history, "maintain compute-2").seqs
        moves = [event.seq for event in history.of("server", action="migrate")]
        assert {run.number(message), *moves, run.number(done)} <= set(emptied)
        assert run.number(work) in worked


class TestSeveralSessions:
    def test_titles_begin_with_the_session(self) -> None:
        run = small_cloud()
        for number, host in enumerate(HOSTS, start=1):
            run.log(
                "admin_tool",
                "session.created",
                session_id=f"session-{number}",
                hosts=[host],
                maintenance_at=None,
                workflow="default",
                metadata={},
            )
        for number in (1, 2):
            run.reply(run.message("MAINTENANCE", session=f"session-{number}"))
        run.host_message("compute-2", "IN_MAINTENANCE", session="session-2")
        assert titles(run.history()) == ["session 1: announce", "session 2: announce", "session 2: maintain compute-2"]

    def test_a_phase_has_the_events_of_its_session_only(self) -> None:
        run = small_cloud()
        run.session(["compute-1"])
        messages = [run.message("MAINTENANCE", session=session) for session in ("session-1", "other")]
        replies = [run.reply(message) for message in messages]
        for found, message, reply in zip(phases_of(run.history()), messages, replies, strict=True):
            assert {run.number(message), run.number(reply)} <= set(found.seqs)


class TestBrokenOff:
    def test_each_begin_of_a_run_has_the_phases_up_to_there(self) -> None:
        history = full_cloud().history()
        whole = titles(history)
        for length in range(len(history) + 1):
            begin = titles(History(events=history.events[:length]))
            # Which compute a message is about may show only later.
            assert begin in (whole[: len(begin)], [*whole[: len(begin) - 1], "maintain a compute"])

    def test_an_unanswered_message_at_the_end_belongs_to_the_only_compute_that_is_left(self) -> None:
        run = small_cloud()
        run.session(HOSTS)
        run.maintain("compute-2")
        run.message("PLANNED_MAINTENANCE")
        assert titles(run.history()) == ["announce", "maintain compute-2", "maintain compute-1"]

    def test_it_belongs_to_a_compute_that_is_not_known_if_several_are_left(self) -> None:
        run = small_cloud()
        run.session(HOSTS)
        run.message("PLANNED_MAINTENANCE")
        assert titles(run.history()) == ["announce", "maintain a compute"]

    def test_a_session_that_fails_is_never_complete(self) -> None:
        run = full_cloud()
        run.after(run.one("reply", state="ACK_DOWN_SCALE")).fail("no room")
        history = run.history()
        assert titles(history) == ["announce", "make room"]
        (deleted,) = history.of("session.deleted")
        assert deleted.seq in phase(history, "make room").seqs


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=changed_histories())
def test_any_history_has_phases(history: History) -> None:
    found = phases_of(history)
    seqs = [seq for phase in found for seq in phase.seqs]
    assert len(seqs) == len(set(seqs))
    for phase in found:
        assert phase.title.isprintable()
        assert len(phase.title) < 200
        assert timedelta(0) <= phase.end - phase.begin
        assert list(phase.seqs) == sorted(phase.seqs)
