"""The kinds of actions that alarms may have: ``check_alarm_actions`` in aodh/api/controllers/v2/alarms.py."""

from __future__ import annotations

import pytest

from tests.support.aodh import AodhLab, definition

KINDS = ("alarm_actions", "ok_actions", "insufficient_data_actions")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "action", ["http://a.test/x", "https://a.test/x?aodh-alarm-ssl-verify=0", "HTTP://a.test/", "zaqar://?topic=t"]
)
def test_actions_of_the_schemes_of_aodhs_notifiers_are_accepted(lab: AodhLab, kind: str, action: str) -> None:
    made = lab.aodh("POST", "/v2/alarms", definition(**{kind: [action]}), status=201)

    others = {other: made[other] for other in KINDS if other != kind}
    assert set(map(tuple, others.values())) == {()}
    assert len(made[kind]) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "action",
    [
        "",
        "x",
        "/alarm",
        "ftp://a.test/",
        "file:///etc/passwd",
        "mailto:a@b.test",
        "heat://a.test/",
        "trust+ftp://a.test/",
    ],
)
def test_other_actions_are_refused(lab: AodhLab, kind: str, action: str) -> None:
    message = lab.fault("POST", "/v2/alarms", definition(**{kind: ["http://a.test/", action]}))

    assert message == f"Unsupported action {action}"
    assert lab.aodh("GET", "/v2/alarms") == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("action", ["log://", "test://"])
def test_actions_within_aodh_are_for_admins(lab: AodhLab, kind: str, action: str) -> None:
    body = definition(**{kind: [action]})

    assert lab.fault("POST", "/v2/alarms", body, status=401) == f"You are not authorized to create action: {action}"
    lab.aodh("POST", "/v2/alarms", body, who="admin", status=201)


@pytest.mark.parametrize("kind", KINDS)
def test_an_update_checks_the_actions_too(lab: AodhLab, kind: str) -> None:
    alarm = lab.alarm()
    path = f"/v2/alarms/{alarm['alarm_id']}"

    lab.fault("PUT", path, definition(**{kind: ["ftp://a.test/"]}))
    lab.fault("PUT", path, definition(**{kind: ["trust+http://id@a.test/"]}))

    assert lab.aodh("GET", path) == alarm


def test_only_the_actions_for_the_state_alarm_are_called_by_an_event(lab: AodhLab) -> None:
    """EventAlarmEvaluator in aodh/evaluator/event.py sets no other state; one that is set by hand calls nothing."""
    url = f"{lab.subscriber_url}/alarm"
    alarm = lab.alarm(alarm_actions=[], ok_actions=[url], insufficient_data_actions=[url])

    lab.publish({"project_id": "p1"})
    lab.aodh("PUT", f"/v2/alarms/{alarm['alarm_id']}/state", "ok")
    lab.clock.sleep(1.0)

    assert lab.subscriber.calls == []


@pytest.mark.parametrize(("repeat", "calls"), [(False, 1), (True, 3)])
def test_an_alarm_repeats_its_actions_on_request(lab: AodhLab, repeat: bool, calls: int) -> None:
    """fired_and_no_repeat in aodh/evaluator/event.py."""
    lab.alarm(repeat_actions=repeat)

    for _ in range(3):
        lab.publish({"project_id": "p1"})

    assert [call["previous"] for call in lab.subscriber.calls] == ["insufficient data", *["alarm"] * (calls - 1)]
