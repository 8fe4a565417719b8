"""Fenix accepts replies that deviate from its reference as known clients do, but none for another message."""

import pytest

from tests.support.fenix import ADMIN, DOCTOR, OTHER, Json, Lab, MakeLab


@pytest.fixture
def lab(make_lab: MakeLab) -> Lab:
    """Two full computes and an empty one; only the test replies."""
    return make_lab(instances=4)


def planned(lab: Lab, session_id: str) -> list[str]:
    """Go on to the first PLANNED_MAINTENANCE; return its instances."""
    assert lab.agree(session_id, "MAINTENANCE").status_code == 200
    lab.clock.sleep(95)
    assert lab.show(session_id)["state"] == "PLANNED_MAINTENANCE"
    answer = lab.call("GET", f"/maintenance/{session_id}/{lab.project()}", who=DOCTOR)
    assert answer.status_code == 200
    ids: list[str] = answer.json()["instance_ids"]
    assert len(ids) == 2
    return ids


def migrate(ids: list[str]) -> Json:
    return {"instance_actions": dict.fromkeys(ids, "MIGRATE")}


def test_a_project_replies_for_itself_only(lab: Lab) -> None:
    session_id = lab.begin()
    body = {"state": "ACK_MAINTENANCE", "session_id": session_id}
    for who in (OTHER, ADMIN):
        refused = lab.reply(session_id, body, who=who)
        assert (refused.status_code, refused.json()["error"]) == (403, "the token is scoped to another project")
    assert lab.call("GET", f"/maintenance/{session_id}/{lab.project()}", who=OTHER).status_code == 403
    assert lab.call("GET", f"/maintenance/{session_id}/{lab.project()}", who=ADMIN).status_code == 200
    assert lab.reply(session_id, body).status_code == 200


def test_a_project_without_instances_has_no_message(lab: Lab) -> None:
    session_id = lab.begin()
    refused = lab.reply(session_id, {"state": "ACK_MAINTENANCE"}, who=OTHER, project=lab.project(OTHER))
    assert (refused.status_code, "has sent no message to project" in refused.json()["error"]) == (404, True)


@pytest.mark.parametrize("with_session_id", [True, False])
def test_a_reply_may_be_sent_again(lab: Lab, with_session_id: bool) -> None:
    session_id = lab.begin()
    more = {"session_id": session_id} if with_session_id else {}
    for _ in range(3):
        answer = lab.agree(session_id, "MAINTENANCE", **more)
        assert (answer.status_code, answer.json()["state"]) == (200, "ACK_MAINTENANCE")
    assert lab.show(session_id)["state"] == "MAINTENANCE"


def test_a_reply_that_is_repeated_in_the_next_state_does_not_count(lab: Lab) -> None:
    session_id = lab.begin()
    ids = planned(lab, session_id)
    assert lab.agree(session_id, "MAINTENANCE").status_code == 200
    lab.clock.sleep(5)
    assert lab.show(session_id)["state"] == "PLANNED_MAINTENANCE"
    assert lab.agree(session_id, "PLANNED_MAINTENANCE", **migrate(ids)).status_code == 200
    # The same reply again, after the message about the instances of the next compute.
    lab.clock.sleep(110)
    others = lab.call("GET", f"/maintenance/{session_id}/{lab.project()}", who=DOCTOR).json()["instance_ids"]
    assert not set(others) & set(ids)
    assert lab.agree(session_id, "PLANNED_MAINTENANCE", **migrate(ids)).status_code == 200
    assert lab.end_of(session_id)["reason"].endswith("did not reply to PLANNED_MAINTENANCE by " + due(lab))


def due(lab: Lab) -> str:
    text: str = [event for event in lab.sent() if event.data["reply_at"]][-1].data["reply_at"]
    return text


def test_a_message_that_needs_no_reply_may_get_one(lab: Lab) -> None:
    session_id = lab.begin()
    ids = planned(lab, session_id)
    for word in ("INSTANCE_ACTION_DONE", "ADMIN_ACTION_DONE"):
        assert lab.agree(session_id, word).status_code == 200
    assert lab.agree(session_id, "PLANNED_MAINTENANCE", **migrate(ids)).status_code == 200
    lab.clock.sleep(60)
    assert lab.agree(session_id, "INSTANCE_ACTION_DONE").status_code == 200
    assert "reason" not in lab.show(session_id)


@pytest.mark.parametrize(
    "state", ["ACK_SCALE_IN", "ACK_PREPARE_MAINTENANCE", "ACK_MAINTENANCE_COMPLETE", "NACK_INSTANCE_ACTION_DONE", "YES"]
)
def test_a_reply_to_another_message_never_counts_and_fails_the_session(lab: Lab, state: str) -> None:
    session_id = lab.begin()
    refused = lab.reply(session_id, {"state": state})
    assert (refused.status_code, "is not a reply to MAINTENANCE" in refused.json()["error"]) == (409, True)
    assert lab.end_of(session_id, patience=5)["state"] == "MAINTENANCE_FAILED"
    late = lab.agree(session_id, "MAINTENANCE")
    assert late.status_code == 409


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({}, "state: Field required"),
        ({"state": 5}, "state: Input should be a valid string"),
        ({"state": "ACK_PLANNED_MAINTENANCE"}, "instance_actions: no action for"),
        (
            {"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": []},
            "instance_actions: Input should be a valid dict",
        ),
        ({"state": "ACK_PLANNED_MAINTENANCE", "instance_actions": {"x": "FLY"}}, "instance_actions.x: Input should be"),
        ({"state": "ACK_PLANNED_MAINTENANCE", "session_id": "another"}, "session_id: another is not this session"),
    ],
)
def test_a_wrong_body_changes_nothing(lab: Lab, body: Json, complaint: str) -> None:
    session_id = lab.begin()
    ids = planned(lab, session_id)
    refused = lab.reply(session_id, body)
    assert (refused.status_code, complaint in refused.json()["error"]) == (400, True), refused.json()
    more = {"service": "vnfm", "surprise": [1]}
    assert lab.agree(session_id, "PLANNED_MAINTENANCE", **migrate(ids), **more).status_code == 200


def test_silence_ends_the_session_when_the_reply_was_due(lab: Lab) -> None:
    session_id = lab.begin()
    lab.clock.sleep(18.5)
    assert lab.show(session_id)["state"] == "MAINTENANCE"
    lab.clock.sleep(1)
    assert lab.show(session_id)["state"] == "MAINTENANCE_FAILED"


def test_a_reply_about_one_instance_needs_a_message_about_it(lab: Lab) -> None:
    session_id = lab.begin()
    ids = planned(lab, session_id)
    body = {"state": "ACK_PLANNED_MAINTENANCE", "instance_action": "MIGRATE"}
    refused = lab.reply(session_id, body, instance=ids[0])
    assert (refused.status_code, f"about instance {ids[0]}" in refused.json()["error"]) == (404, True)
    reply = lab.testbed.history.of("reply")[-1]
    assert (reply.data["project_id"], reply.data["instance_id"]) == (lab.project(), ids[0])
    assert lab.show(session_id)["state"] == "PLANNED_MAINTENANCE"
