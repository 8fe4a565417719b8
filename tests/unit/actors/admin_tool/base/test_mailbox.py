"""The mailbox of a session: which replies count, and how long the admin tool waits for them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Protocol

import pytest

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message, ReplyRefused
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.protocol import Action, Reply, parse_reply
from pytest_doctor_maint.simtime.clock import SimulatedClock


class Post(Protocol):
    """Posts a message that waits for a reply."""

    def __call__(
        self,
        word: str = "DOWN_SCALE",
        project: str = "p",
        seconds: float = 10,
        *,
        instance_ids: tuple[str, ...] = (),
        instance_id: str = "",
        allowed: tuple[Action, ...] = (),
    ) -> Message: ...


@pytest.fixture
def clock() -> Iterator[SimulatedClock]:
    made = SimulatedClock()
    yield made
    made.stop()


@pytest.fixture
def mailbox(clock: SimulatedClock) -> Mailbox:
    return Mailbox(clock, "session")


@pytest.fixture
def post(clock: SimulatedClock, mailbox: Mailbox) -> Post:
    def posted(
        word: str = "DOWN_SCALE",
        project: str = "p",
        seconds: float = 10,
        *,
        instance_ids: tuple[str, ...] = (),
        instance_id: str = "",
        allowed: tuple[Action, ...] = (),
    ) -> Message:
        due = clock.now() + timedelta(seconds=seconds)
        message = Message(project, word, due, instance_ids, allowed, instance_id)
        mailbox.post(message)
        return message

    return posted


def reply(state: str, **more: object) -> Reply:
    return parse_reply({"state": state, **more})


def later(clock: SimulatedClock, act: Callable[[], None]) -> None:
    def after_a_second() -> None:
        clock.sleep(1)
        act()

    clock.spawn(after_a_second, "later")


def test_the_wait_ends_when_all_projects_have_agreed(clock: SimulatedClock, mailbox: Mailbox, post: Post) -> None:
    messages = [post(project="p"), post(project="q")]

    def projects() -> None:
        clock.sleep(3)
        mailbox.receive("q", reply("ACK_DOWN_SCALE"))
        clock.sleep(4)
        mailbox.receive("p", reply("ACK_DOWN_SCALE", session_id="session"))

    began = clock.now()
    clock.spawn(projects, "projects")
    assert set(mailbox.wait(messages)) == {"p", "q"}
    assert clock.now() - began == timedelta(seconds=7)


def test_a_reply_in_the_last_moment_counts(clock: SimulatedClock, mailbox: Mailbox, post: Post) -> None:
    message = post(seconds=10)

    def project() -> None:
        clock.sleep(9.999999)
        mailbox.receive("p", reply("ACK_DOWN_SCALE"))

    clock.spawn(project, "project")
    assert mailbox.wait([message])["p"].state == "ACK_DOWN_SCALE"


def test_silence_past_the_window_fails(clock: SimulatedClock, mailbox: Mailbox, post: Post) -> None:
    began = clock.now()
    messages = [post(project="p", seconds=20), post(project="q", seconds=10)]
    with pytest.raises(SessionFailed, match="project q did not reply to DOWN_SCALE by 2030-01-01 00:00:10"):
        mailbox.wait(messages)
    assert clock.now() - began == timedelta(seconds=10)
    with pytest.raises(ReplyRefused, match="no reply is due") as refused:
        mailbox.receive("q", reply("ACK_DOWN_SCALE"))
    assert refused.value.status == 409


def test_a_nack_fails(mailbox: Mailbox, post: Post) -> None:
    message = post()
    mailbox.receive("p", reply("NACK_DOWN_SCALE"))
    with pytest.raises(SessionFailed, match="project p replied NACK_DOWN_SCALE"):
        mailbox.wait([message])


@pytest.mark.parametrize("state", ["ACK_MAINTENANCE", "NACK_PLANNED_MAINTENANCE", "DOWN_SCALE", "yes"])
def test_a_reply_to_another_message_fails(mailbox: Mailbox, post: Post, state: str) -> None:
    message = post()
    with pytest.raises(ReplyRefused, match="allowed: ACK_DOWN_SCALE or NACK_DOWN_SCALE") as refused:
        mailbox.receive("p", reply(state))
    assert refused.value.status == 409
    with pytest.raises(SessionFailed, match=f"project p replied {state} to DOWN_SCALE"):
        mailbox.wait([message])


def test_an_ack_does_not_count_for_the_next_message(mailbox: Mailbox, post: Post) -> None:
    first = post("PLANNED_MAINTENANCE")
    mailbox.receive("p", reply("ACK_PLANNED_MAINTENANCE"))
    mailbox.wait([first])
    second = post("PLANNED_MAINTENANCE")
    with pytest.raises(SessionFailed, match="did not reply to"):
        mailbox.wait([second])


def test_a_second_reply_is_not_due_and_changes_nothing(mailbox: Mailbox, post: Post) -> None:
    message = post()
    mailbox.receive("p", reply("ACK_DOWN_SCALE"))
    with pytest.raises(ReplyRefused, match="was replied to"):
        mailbox.receive("p", reply("NACK_DOWN_SCALE"))
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
def test_wrong_actions_are_refused_and_may_be_corrected_in_time(
    mailbox: Mailbox, post: Post, actions: dict[str, str], complaint: str
) -> None:
    message = post("PLANNED_MAINTENANCE", instance_ids=("i1", "i2"), allowed=(Action.MIGRATE,))
    with pytest.raises(ReplyRefused, match=complaint) as refused:
        mailbox.receive("p", reply("ACK_PLANNED_MAINTENANCE", instance_actions=actions))
    assert refused.value.status == 400
    mailbox.receive("p", reply("ACK_PLANNED_MAINTENANCE", instance_actions={"i1": "MIGRATE", "i2": "MIGRATE"}))
    assert mailbox.wait([message])["p"].instance_actions == {"i1": Action.MIGRATE, "i2": Action.MIGRATE}


def test_a_reply_for_another_session_is_refused_and_changes_nothing(mailbox: Mailbox, post: Post) -> None:
    message = post()
    with pytest.raises(ReplyRefused, match="other is not this session, session") as refused:
        mailbox.receive("p", reply("ACK_DOWN_SCALE", session_id="other"))
    assert refused.value.status == 400
    assert not message.settled


def test_a_message_about_one_instance_has_a_reply_of_its_own(mailbox: Mailbox, post: Post) -> None:
    one, two = (
        post("PLANNED_MAINTENANCE", instance_ids=(key,), instance_id=key, allowed=(Action.MIGRATE,)) for key in "ab"
    )
    assert (mailbox.current("p", "a"), mailbox.current("p", "c"), mailbox.current("p")) == (one, None, None)
    for more, complaint in [({}, "no action for a"), ({"instance_action": "OWN_ACTION"}, "allowed: MIGRATE")]:
        with pytest.raises(ReplyRefused, match=complaint) as refused:
            mailbox.receive("p", reply("ACK_PLANNED_MAINTENANCE", **more), "a")
        assert refused.value.status == 400
    mailbox.receive("p", reply("ACK_PLANNED_MAINTENANCE", instance_action="MIGRATE"), "a")
    assert (one.settled, two.settled) == (True, False)


def test_several_may_wait_at_once(clock: SimulatedClock, mailbox: Mailbox, post: Post) -> None:
    ended: list[tuple[str, float]] = []
    began = clock.now()

    def wait(project: str) -> None:
        message = post(project=project)
        mailbox.wait([message])
        ended.append((project, -clock.until(began)))

    tasks = [clock.spawn(partial(wait, project), project) for project in "pq"]
    clock.sleep(2)
    mailbox.receive("q", reply("ACK_DOWN_SCALE"))
    clock.sleep(3)
    mailbox.receive("p", reply("ACK_DOWN_SCALE"))
    assert all(task.join(1) for task in tasks)
    assert ended == [("q", 2.0), ("p", 5.0)]


def test_a_pause_lasts_as_long_as_it_should_although_replies_arrive(
    clock: SimulatedClock, mailbox: Mailbox, post: Post
) -> None:
    post()
    later(clock, lambda: mailbox.receive("p", reply("ACK_DOWN_SCALE")))
    began = clock.now()
    mailbox.pause(4.5)
    assert clock.now() - began == timedelta(seconds=4.5)
    mailbox.pause(-1)


def test_every_wait_fails_at_once_when_the_mailbox_is_closed(
    clock: SimulatedClock, mailbox: Mailbox, post: Post
) -> None:
    began = clock.now()
    later(clock, lambda: mailbox.close("enough"))
    with pytest.raises(SessionFailed, match="enough"):
        mailbox.pause(4)
    assert clock.now() - began == timedelta(seconds=1)
    for wait in (mailbox.check, lambda: mailbox.pause(0), lambda: mailbox.wait([post()])):
        with pytest.raises(SessionFailed, match="enough"):
            wait()


def test_a_project_that_still_has_its_instances_has_not_scaled_down_again(clock: SimulatedClock) -> None:
    """A late repetition of the reply to the first DOWN_SCALE, with the instances at that time, does not count."""
    mailbox = Mailbox(clock, "session", tolerant=True)

    def asked() -> Message:
        message = Message("p", "SCALE_IN", clock.now() + timedelta(seconds=10))
        mailbox.post(message)
        return message

    repeated = reply("ACK_SCALE_IN", instance_ids=["one", "two"])
    first = asked()
    mailbox.receive("p", repeated)
    assert first.reply is repeated
    second = asked()
    mailbox.receive("p", repeated)
    assert second.reply is None
    fewer = reply("ACK_SCALE_IN", instance_ids=["one"])
    mailbox.receive("p", fewer)
    assert second.reply is fewer
    # When a client does not send its instances, only the state is compared.
    silent = reply("ACK_SCALE_IN")
    for _ in range(2):
        message = asked()
        mailbox.receive("p", silent)
        assert message.reply is silent


@pytest.mark.parametrize("ids", [None, 5, "one", {"one": 1}])
def test_odd_instance_ids_in_a_reply_are_ignored(ids: object) -> None:
    assert reply("ACK_MAINTENANCE", instance_ids=ids).instance_ids == ()
