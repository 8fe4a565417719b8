"""A history records events in order, with the time, the cause and names instead of URLs, and without secrets."""

from __future__ import annotations

import threading
from collections import UserDict
from collections.abc import ItemsView, Mapping
from datetime import timedelta
from typing import Protocol

import pytest

from pytest_doctor_maint.history import History, kinds
from pytest_doctor_maint.openstack.url_secrets import UrlSecrets
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.histories import START, Ticking


class Recorder(Protocol):
    """The methods of a history that a cloud uses."""

    def append(self, actor: str, kind: str, data: Mapping[str, object], /) -> object: ...

    def alias(self, base_url: str, name: str, /) -> None: ...


@pytest.fixture
def history() -> History:
    return History(Ticking())


def test_events_are_numbered_stamped_and_frozen(history: History) -> None:
    first = history.append("harness", kinds.FAULT, {"name": "x", "target": "compute-1", "phase": "injected"})
    second = history.append("harness", kinds.GUEST, {"server_id": "s", "up": True, "reason": "ACTIVE"})
    assert (first.seq, second.seq) == (1, 2)
    assert second.at - first.at == timedelta(microseconds=1)
    with pytest.raises(AttributeError):
        first.kind = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        first.data["name"] = "y"  # type: ignore[index]


def test_an_event_has_the_time_before_its_data_is_prepared() -> None:
    # given data that takes a second to read
    clock = Ticking()

    class SlowData(UserDict[str, object]):
        def items(self) -> ItemsView[str, object]:
            clock.moment += timedelta(seconds=1)
            return super().items()

    # when it is recorded, then the second is not in the time of the event
    assert History(clock).append("a", kinds.RUN_ENDED, SlowData(x=1)).at < START + timedelta(seconds=1)


def test_events_of_several_threads_have_the_order_of_their_times() -> None:
    history = History(Ticking())

    def append_many() -> None:
        for _ in range(200):
            history.append("a", kinds.RUN_ENDED, {})

    threads = [threading.Thread(target=append_many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in history] == list(range(1, 801))
    times = [event.at for event in history]
    assert times == sorted(times)


def test_a_history_is_a_recorder(history: History) -> None:
    """The cloud records through this protocol alone, and names kinds and actors by plain strings."""
    recorder: Recorder = history
    recorder.alias("http://127.0.0.1:8774", "nova")
    recorder.append("nova", "guest", {"server_id": "s", "up": True, "reason": "http://127.0.0.1:8774/x"})
    assert history.event(1).data["reason"] == "http://nova/x"


@pytest.mark.parametrize(
    "kind", ["server", "compute", "guest", "server_group", "floating_ip", "alarm.created", "alarm.deleted"]
)
def test_what_the_cloud_records_is_declared(kind: str) -> None:
    assert kinds.kind(kind).name == kind


def test_a_cause_is_taken_from_the_context_or_named(history: History) -> None:
    with caused_by(7):
        assert history.append("a", kinds.RUN_ENDED, {}).cause == 7
        assert history.append("a", kinds.RUN_ENDED, {}, cause=3).cause == 3
    assert history.append("a", kinds.RUN_ENDED, {}).cause is None


def test_ports_do_not_reach_the_history(history: History) -> None:
    history.alias("http://127.0.0.1:80", "short")
    history.alias("http://127.0.0.1:8080", "admin_tool")
    event = history.append("a", kinds.RUN_ENDED, {"urls": ["http://127.0.0.1:8080/maintenance/S/P"]})
    assert event.data["urls"] == ("http://admin_tool/maintenance/S/P",)


def test_the_command_that_repeats_a_run_has_the_urls_that_the_user_gave(history: History) -> None:
    history.alias("http://127.0.0.1:12347", "admin_tool")
    secret = f"http://127.0.0.1:12348/maintenance/{'s' * 43}"
    repeat = f"pytest --admin-tool http://127.0.0.1:12347/v1 --app-manager {secret}"
    data = dict.fromkeys(kinds.kind(kinds.RUN_STARTED).required, "http://127.0.0.1:12347")
    event = history.append("harness", kinds.RUN_STARTED, {**data, "repeat": repeat})
    assert event.data["scenario"] == "http://admin_tool"
    assert event.data["repeat"] == repeat.replace("s" * 43, "***")


@pytest.mark.parametrize("key", ["password", "adminPass", "X-Auth-Token", "token", "client_secret"])
def test_secrets_do_not_reach_the_history(history: History, key: str) -> None:
    event = history.append("a", kinds.RUN_ENDED, {"deep": [{key: "hunter2"}]})
    assert "hunter2" not in event.to_json()


@pytest.mark.parametrize("path", ["maintenance", "monitors"])
@pytest.mark.parametrize("end", ["", "/events", " refused", "?x"])
def test_the_secrets_of_urls_do_not_reach_the_history(history: History, path: str, end: str) -> None:
    secret = UrlSecrets().issue()
    event = history.append("a", kinds.RUN_ENDED, {"deep": [f"PUT http://127.0.0.1:1/{path}/{secret}{end}"]})
    assert event.data["deep"] == (f"PUT http://127.0.0.1:1/{path}/***{end}",)


def test_an_unknown_kind_and_missing_data_are_refused(history: History) -> None:
    with pytest.raises(ValueError, match="unknown kind of event 'nonsense'; allowed: "):
        history.append("a", "nonsense", {})
    with pytest.raises(ValueError, match="an event of kind 'guest' lacks reason, up"):
        history.append("a", kinds.GUEST, {"server_id": "s"})
    assert len(history) == 0


def test_what_is_not_json_is_refused(history: History) -> None:
    with pytest.raises(TypeError, match=r"the data of an event must be JSON, but .* is of type object"):
        history.append("a", kinds.RUN_ENDED, {"thing": object()})


def test_events_are_found_by_kind_actor_and_data(history: History) -> None:
    history.append("a", kinds.RUN_ENDED, {"x": [1, 2]})
    history.append("b", kinds.RUN_ENDED, {"x": 2})
    assert [event.actor for event in history.of(kinds.RUN_ENDED)] == ["a", "b"]
    assert [event.actor for event in history.of(kinds.RUN_ENDED, x=[1, 2])] == ["a"]
    assert [event.seq for event in history.of(actor="b")] == [2]
    assert history.of(kinds.GUEST) == ()
    with pytest.raises(KeyError, match="no event 3 in a history of 2"):
        history.event(3)


def test_a_snapshot_does_not_grow(history: History) -> None:
    snapshot = history.snapshot()
    history.append("a", kinds.RUN_ENDED, {})
    assert len(snapshot) == 0


def test_identifiers_come_from_the_seed_and_namespaces_do_not_disturb_each_other() -> None:
    one, two = Ids(1), Ids(1)
    two.uuid("server")
    assert one.uuid("session") == two.uuid("session")
    assert Ids(1).uuid("x") != Ids(2).uuid("x")
    assert Ids(None).uuid("x") != Ids(None).uuid("x")
    assert len(Ids(1).hex("x")) == 32
