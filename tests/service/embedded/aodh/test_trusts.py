"""Actions ``trust+http(s)://``: Aodh calls them with a token of the user who created the alarm.

The source of the rules is ``Alarm.update_actions`` in aodh/api/controllers/v2/alarms.py, and aodh/notifier/trust.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from pytest_doctor_maint.simtime.clock import SimulatedClock
from tests.support.aodh import AodhLab, running_lab
from tests.support.json import Json


class TrustLab:
    """A lab with Keystone's own tokens, and a member ``eve`` of the project ``one``.

    Attributes:
        lab: The lab.
        project_id: The id of the project.
        token: A token of the member.
        trusted_url: The subscriber's URL, to be called with a token.
    """

    def __init__(self, lab: AodhLab) -> None:
        self.lab = lab
        self.keystone = keystone = lab.cloud.keystone
        self.project_id = keystone.create_project("one").id
        self.user = keystone.create_user("eve", "secret", self.project_id)
        proof = {"user": {"id": self.user.id, "password": "secret"}}
        identity = {"methods": ["password"], "password": proof}
        scope = {"project": {"id": self.project_id}}
        self.token = keystone.login.authenticate({"identity": identity, "scope": scope}).id
        self.trusted_url = f"trust+{lab.subscriber_url}/alarm"

    def alarm(self, **settings: Json) -> Json:
        return self.lab.alarm(who=self.token, alarm_actions=[self.trusted_url], **settings)

    def update(self, alarm: Json, **settings: object) -> Json:
        body = {"name": "a", "type": "event", "event_rule": {}, **settings}
        return self.lab.aodh("PUT", f"/v2/alarms/{alarm['alarm_id']}", body, who=self.token)

    def publish(self) -> None:
        self.lab.publish({"project_id": self.project_id})

    @property
    def trusts(self) -> list[str]:
        return list(self.keystone.delegations.trusts)


@pytest.fixture
def trust_lab() -> Iterator[TrustLab]:
    with running_lab(SimulatedClock(1), own_tokens=False) as lab:
        yield TrustLab(lab)


def test_a_trusted_url_is_called_with_a_token_of_the_creator(trust_lab: TrustLab) -> None:
    trust_lab.alarm()

    trust_lab.publish()

    (token,) = trust_lab.lab.subscriber.alarm_tokens
    assert token is not None
    assert token != trust_lab.token
    bearer = trust_lab.keystone.validate(token)
    assert bearer is not None
    assert (bearer.user_id, bearer.project_id) == (trust_lab.user.id, trust_lab.project_id)
    assert (bearer.is_admin, "member" in bearer.roles) == (False, True)


def test_other_urls_are_called_without_a_token(trust_lab: TrustLab) -> None:
    trust_lab.lab.alarm(who=trust_lab.token)

    trust_lab.publish()

    assert (trust_lab.lab.subscriber.alarm_tokens, trust_lab.trusts) == ([None], [])


def test_the_trust_is_hidden_and_shared_by_all_actions_of_an_alarm(trust_lab: TrustLab) -> None:
    url = trust_lab.trusted_url

    alarm = trust_lab.alarm(ok_actions=[url, f"{url}?two"], insufficient_data_actions=["http://plain.test/"])

    assert (alarm["alarm_actions"], alarm["ok_actions"]) == ([url], [url, f"{url}?two"])
    (trust_id,) = trust_lab.trusts
    kept = trust_lab.lab.cloud.aodh.alarms[alarm["alarm_id"]]
    named = [urlsplit(action) for action in (*kept.ok_actions, *kept.alarm_actions)]
    assert [(part.username, part.password) for part in named] == [
        (trust_id, "delete"),
        (trust_id, None),
        (trust_id, None),
    ]
    assert kept.insufficient_data_actions == ("http://plain.test/",)


def test_the_trust_lasts_as_long_as_an_action_needs_it(trust_lab: TrustLab) -> None:
    alarm = trust_lab.alarm()
    before = trust_lab.trusts

    trust_lab.update(alarm, ok_actions=[trust_lab.trusted_url])
    assert trust_lab.trusts == before
    trust_lab.update(alarm, alarm_actions=["http://plain.test/"])
    assert trust_lab.trusts == []

    trust_lab.update(alarm, alarm_actions=[trust_lab.trusted_url])
    assert len(trust_lab.trusts) == 1
    trust_lab.lab.aodh("DELETE", f"/v2/alarms/{alarm['alarm_id']}", who=trust_lab.token, status=204)
    assert trust_lab.trusts == []


def test_a_trust_that_has_ended_is_logged_without_its_id(trust_lab: TrustLab, caplog: pytest.LogCaptureFixture) -> None:
    trust_lab.alarm()
    (trust_id,) = trust_lab.trusts
    trust_lab.keystone.delegations.delete_trust(trust_lab.keystone.delegations.trust(trust_id))

    with caplog.at_level(logging.WARNING):
        trust_lab.publish()

    assert trust_lab.lab.subscriber.calls == []
    assert f"did not reach {trust_lab.trusted_url}" in caplog.text
    assert trust_id not in caplog.text


def test_an_alarm_whose_creator_cannot_make_a_trust_is_refused(trust_lab: TrustLab) -> None:
    trust_lab.lab.cloud.keystone.tokens.validate = trust_lab.lab.tokens.get  # type: ignore[method-assign,assignment]

    settings = {"name": "a", "type": "event", "event_rule": {}, "alarm_actions": [trust_lab.trusted_url]}
    message = trust_lab.lab.fault("POST", "/v2/alarms", settings, who="ann")

    assert message == "No trust can be made for the alarm's actions: the user holds no role on a project."
    assert trust_lab.lab.cloud.aodh.alarms == {}
    assert {user.name for user in trust_lab.keystone.directory.users.values()} == {"admin", "eve"}
