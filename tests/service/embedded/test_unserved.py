"""What the coverage table says is not served is not served."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import Client

from pytest_doctor_maint.embedded.coverage import NOT_SERVED
from tests.support.routes import new_cloud

CALLS = [(service, call) for service, calls in NOT_SERVED.items() for call in calls]


@pytest.mark.parametrize(("service", "call"), CALLS, ids=[f"{service} {call}" for service, call in CALLS])
def test_a_call_that_is_not_served_is_answered_with_404_or_405(service: str, call: str) -> None:
    method, _, path = re.sub(r"{\w+}", "example", call).partition(" ")
    with new_cloud() as cloud:
        user = {"name": "admin", "domain": {"id": "default"}, "password": "admin"}
        scope = {"project": {"id": cloud.keystone.admin_project_id}}
        identity = {"methods": ["password"], "password": {"user": user}}
        token = cloud.keystone.login.authenticate({"identity": identity, "scope": scope})
        client = Client(cloud.services()[service])
        answer = client.open(path, method=method, json={}, headers={"X-Auth-Token": token.id})
    assert answer.status_code in (404, 405), answer.text
