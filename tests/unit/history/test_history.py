import json
from datetime import timedelta
from pathlib import Path

import pytest

from pytest_doctor_maint.history import Event, History, kinds
from pytest_doctor_maint.simtime.cause import caused_by
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.histories import START, Ticking


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


def test_saved_and_loaded_it_is_equal(history: History, tmp_path: Path) -> None:
    with caused_by(1):
        history.append("harness", kinds.RUN_ENDED, {"nested": {"list": [1, {"a": None}], "when": START}})
    path = history.save(tmp_path / "deep" / "history.jsonl")
    loaded = History.load(path)
    assert loaded == history
    assert loaded.events[0].data["nested"]["list"] == (1, {"a": None})
    assert loaded.events[0].cause == 1
    assert loaded.events[0].wall == history.events[0].wall


def test_wall_time_is_one_field_at_the_top_and_no_part_of_what_is_compared(tmp_path: Path) -> None:
    lines = []
    for run in range(2):
        history = History(Ticking())
        history.append("harness", kinds.RUN_ENDED, {"x": 1})
        lines.append(json.loads(history.save(tmp_path / f"{run}.jsonl").read_text()))
    assert lines[0].pop("wall") != lines[1].pop("wall")
    assert lines[0] == lines[1]
    assert History.load(tmp_path / "0.jsonl") == History.load(tmp_path / "1.jsonl")


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


@pytest.mark.parametrize("key", ["password", "adminPass", "X-Auth-Token", "token", "client_secret"])
def test_secrets_do_not_reach_the_history(history: History, key: str) -> None:
    event = history.append("a", kinds.RUN_ENDED, {"deep": [{key: "hunter2"}]})
    assert "hunter2" not in event.to_json()


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


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("not json\n", "line 1: not an event of a history"),
        ('{"seq": 1}\n', "line 1: not an event of a history .*'at'"),
        (Event(2, START, "a", "run.ended", {}).to_json() + "\n", "line 1: event 2; expected event 1"),
    ],
)
def test_a_file_that_is_no_history_is_refused_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"broken.jsonl, {complaint}"):
        History.load(path)


def test_identifiers_come_from_the_seed_and_namespaces_do_not_disturb_each_other() -> None:
    one, two = Ids(1), Ids(1)
    two.uuid("server")
    assert one.uuid("session") == two.uuid("session")
    assert Ids(1).uuid("x") != Ids(2).uuid("x")
    assert Ids(None).uuid("x") != Ids(None).uuid("x")
    assert len(Ids(1).hex("x")) == 32
