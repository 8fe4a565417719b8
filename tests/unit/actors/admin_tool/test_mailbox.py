from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message, ReplyRefused
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.protocol import Action, Reply, parse_reply
from pytest_doctor_maint.simtime.clock import SimulatedClock

ALL = tuple(Action)


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    made = SimulatedClock()
    yield made
    made.stop()


@pytest.fixture
def mailbox(clock: SimulatedClock) -> Mailbox:
    return Mailbox(clock, "session")


@pytest.fixture
def post(clock: SimulatedClock, mailbox: Mailbox) -> Callable[..., Message]:
    def posted(word: str = "DOWN_SCALE", project: str = "p", seconds: float = 10, **more: Any) -> Message:
        message = Message(project, word, clock.now() + timedelta(seconds=seconds), **more)
        mailbox.post(message)
        return message

    return posted


def reply(state: str, **more: Any) -> Reply:
    return parse_reply({"state": state, **more})


def later(clock: SimulatedClock, act: Callable[[], None]) -> None:
    def after_a_second() -> None:
        clock.sleep(1)
        act()

    clock.spawn(after_a_second, "later")


def test_the_wait_ends_when_everyone_agreed(
    clock: SimulatedClock, mailbox: Mailbox, post: Callable[..., Message]
) -> None:
    messages = [post(project="p"), post(project="q")]

    def projects() -> None:
        clock.sleep(3)
        mailbox.answer("q", reply("ACK_DOWN_SCALE"))
        clock.sleep(4)
        mailbox.answer("p", reply("ACK_DOWN_SCALE", session_id="session"))

    began = clock.now()
    clock.spawn(projects, "projects")
    assert set(mailbox.wait(messages)) == {"p", "q"}
    assert clock.now() - began == timedelta(seconds=7)


def test_an_answer_in_the_last_moment_counts(
    clock: SimulatedClock, mailbox: Mailbox, post: Callable[..., Message]
) -> None:
    message = post(seconds=10)

    def project() -> None:
        clock.sleep(9.999999)
        mailbox.answer("p", reply("ACK_DOWN_SCALE"))

    clock.spawn(project, "project")
    assert mailbox.wait([message])["p"].state == "ACK_DOWN_SCALE"


def test_silence_past_the_window_fails(clock: SimulatedClock, mailbox: Mailbox, post: Callable[..., Message]) -> None:
    began = clock.now()
    messages = [post(project="p", seconds=20), post(project="q", seconds=10)]
    with pytest.raises(SessionFailed, match="project q did not answer DOWN_SCALE by 2030-01-01 00:00:10"):
        mailbox.wait(messages)
    assert clock.now() - began == timedelta(seconds=10)
    with pytest.raises(ReplyRefused, match="no answer is due") as refused:
        mailbox.answer("q", reply("ACK_DOWN_SCALE"))
    assert refused.value.status == 409


def test_a_nack_fails(mailbox: Mailbox, post: Callable[..., Message]) -> None:
    message = post()
    mailbox.answer("p", reply("NACK_DOWN_SCALE"))
    with pytest.raises(SessionFailed, match="project p answered NACK_DOWN_SCALE"):
        mailbox.wait([message])


@pytest.mark.parametrize("state", ["ACK_MAINTENANCE", "NACK_PLANNED_MAINTENANCE", "DOWN_SCALE", "yes"])
def test_an_answer_to_something_else_fails(mailbox: Mailbox, post: Callable[..., Message], state: str) -> None:
    message = post()
    with pytest.raises(ReplyRefused, match="allowed: ACK_DOWN_SCALE or NACK_DOWN_SCALE") as refused:
        mailbox.answer("p", reply(state))
    assert refused.value.status == 409
    with pytest.raises(SessionFailed, match=f"project p answered {state} to DOWN_SCALE"):
        mailbox.wait([message])


def test_an_ack_does_not_count_for_the_next_message(mailbox: Mailbox, post: Callable[..., Message]) -> None:
    first = post("PLANNED_MAINTENANCE")
    mailbox.answer("p", reply("ACK_PLANNED_MAINTENANCE"))
    mailbox.wait([first])
    second = post("PLANNED_MAINTENANCE")
    with pytest.raises(SessionFailed, match="did not answer"):
        mailbox.wait([second])


def test_a_second_answer_is_not_due_and_changes_nothing(mailbox: Mailbox, post: Callable[..., Message]) -> None:
    message = post()
    mailbox.answer("p", reply("ACK_DOWN_SCALE"))
    with pytest.raises(ReplyRefused, match="was answered"):
        mailbox.answer("p", reply("NACK_DOWN_SCALE"))
    assert mailbox.wait([message])["p"].state == "ACK_DOWN_SCALE"


@pytest.mark.parametrize(
    ("actions", "complaint"),
    [
        ({}, "no action for i1, i2"),
        ({"i1": "MIGRATE"}, "no action for i2"),
        ({"i1": "MIGRATE", "i2": "MIGRATE", "i3": "MIGRATE"}, "not asked about i3"),
        ({"i1": "MIGRATE", "i2": "OWN_ACTION"}, "OWN_ACTION is not allowed; allowed: MIGRATE"),
    ],
)
def test_wrong_actions_are_refused_and_may_be_mended_in_time(
    mailbox: Mailbox, post: Callable[..., Message], actions: dict[str, str], complaint: str
) -> None:
    message = post("PLANNED_MAINTENANCE", instance_ids=("i1", "i2"), allowed=(Action.MIGRATE,))
    with pytest.raises(ReplyRefused, match=complaint) as refused:
        mailbox.answer("p", reply("ACK_PLANNED_MAINTENANCE", instance_actions=actions))
    assert refused.value.status == 400
    mailbox.answer("p", reply("ACK_PLANNED_MAINTENANCE", instance_actions={"i1": "MIGRATE", "i2": "MIGRATE"}))
    assert mailbox.wait([message])["p"].instance_actions == {"i1": Action.MIGRATE, "i2": Action.MIGRATE}


def test_an_answer_for_another_session_is_refused_and_changes_nothing(
    mailbox: Mailbox, post: Callable[..., Message]
) -> None:
    message = post()
    with pytest.raises(ReplyRefused, match="other is not this session, session") as refused:
        mailbox.answer("p", reply("ACK_DOWN_SCALE", session_id="other"))
    assert refused.value.status == 400
    assert not message.settled


def test_a_message_about_one_instance_is_answered_by_itself(mailbox: Mailbox, post: Callable[..., Message]) -> None:
    one, two = (
        post("PLANNED_MAINTENANCE", instance_ids=(key,), instance_id=key, allowed=(Action.MIGRATE,)) for key in "ab"
    )
    assert (mailbox.knows("p", "a"), mailbox.knows("p", "c"), mailbox.knows("p")) == (True, False, False)
    for more, complaint in [({}, "no action for a"), ({"instance_action": "OWN_ACTION"}, "allowed: MIGRATE")]:
        with pytest.raises(ReplyRefused, match=complaint) as refused:
            mailbox.answer("p", reply("ACK_PLANNED_MAINTENANCE", **more), "a")
        assert refused.value.status == 400
    mailbox.answer("p", reply("ACK_PLANNED_MAINTENANCE", instance_action="MIGRATE"), "a")
    assert (one.settled, two.settled) == (True, False)


def test_several_may_wait_at_once(clock: SimulatedClock, mailbox: Mailbox, post: Callable[..., Message]) -> None:
    ended: list[tuple[str, float]] = []
    began = clock.now()

    def wait(project: str) -> None:
        message = post(project=project)
        mailbox.wait([message])
        ended.append((project, -clock.until(began)))

    tasks = [clock.spawn(partial(wait, project), project) for project in "pq"]
    clock.sleep(2)
    mailbox.answer("q", reply("ACK_DOWN_SCALE"))
    clock.sleep(3)
    mailbox.answer("p", reply("ACK_DOWN_SCALE"))
    assert all(task.join(1) for task in tasks)
    assert ended == [("q", 2.0), ("p", 5.0)]


def test_a_pause_lasts_as_long_as_it_should_whatever_is_answered(
    clock: SimulatedClock, mailbox: Mailbox, post: Callable[..., Message]
) -> None:
    post()
    later(clock, lambda: mailbox.answer("p", reply("ACK_DOWN_SCALE")))
    began = clock.now()
    mailbox.pause(4.5)
    assert clock.now() - began == timedelta(seconds=4.5)
    mailbox.pause(-1)


def test_who_waits_when_it_is_closed_fails_at_once(
    clock: SimulatedClock, mailbox: Mailbox, post: Callable[..., Message]
) -> None:
    began = clock.now()
    later(clock, lambda: mailbox.close("enough"))
    with pytest.raises(SessionFailed, match="enough"):
        mailbox.pause(4)
    assert clock.now() - began == timedelta(seconds=1)
    for wait in (mailbox.check, lambda: mailbox.pause(0), lambda: mailbox.wait([post()])):
        with pytest.raises(SessionFailed, match="enough"):
            wait()


def test_who_has_what_it_had_has_not_scaled_down_again(clock: SimulatedClock) -> None:
    """Asked for less a second time, a late repetition of the first answer is none; it tells what the project had."""
    mailbox = Mailbox(clock, "session", tolerant=True)

    def asked() -> Message:
        message = Message("p", "SCALE_IN", clock.now() + timedelta(seconds=10))
        mailbox.post(message)
        return message

    told = reply("ACK_SCALE_IN", instance_ids=["one", "two"])
    first = asked()
    mailbox.answer("p", told)
    assert first.reply is told
    second = asked()
    mailbox.answer("p", told)
    assert second.reply is None
    fewer = reply("ACK_SCALE_IN", instance_ids=["one"])
    mailbox.answer("p", fewer)
    assert second.reply is fewer
    # Where a client does not tell, the words are all there is.
    silent = reply("ACK_SCALE_IN")
    for _ in range(2):
        message = asked()
        mailbox.answer("p", silent)
        assert message.reply is silent


@pytest.mark.parametrize("ids", [None, 5, "one", {"one": 1}])
def test_what_a_client_writes_beside_its_answer_is_no_fault(ids: Any) -> None:
    assert reply("ACK_MAINTENANCE", instance_ids=ids).instance_ids == ()
