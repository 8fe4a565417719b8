"""The list of served API calls is generated from the routes and up to date."""

from __future__ import annotations

import re

from pytest_doctor_maint.embedded import coverage
from pytest_doctor_maint.embedded.nova.routes import NovaApi
from pytest_doctor_maint.embedded.nova.routes.actions import rules_of
from tests.support.routes import served_routes

TEXT = coverage.render()
ROWS = [line.split(" | ") for line in TEXT.splitlines() if re.match(r"\| [A-Z]+ \|", line)]


def test_the_list_is_up_to_date() -> None:
    assert coverage.FILE.read_text(encoding="utf-8") == TEXT, f"run {coverage.COMMAND}"


def test_every_route_is_listed() -> None:
    routes = [each for each in served_routes() if each.method != "HEAD"]
    assert len(ROWS) == len(routes)
    assert sum(int(number) for number in re.findall(r"Number of calls: (\d+)\.", TEXT)) == len(routes)


def test_every_call_is_described_in_one_sentence() -> None:
    for row in ROWS:
        assert re.fullmatch(r"\S.*\.? \|", row[-1]), row


def test_a_call_has_its_microversions_access_and_description() -> None:
    assert "| GET | `/v2.1/servers/{server_id}/migrations` | 2.23-2.96 | admin | " in TEXT
    assert "| GET | `/v2.1/os-networks` | 2.1-2.35 | reader | " in TEXT
    assert "| GET | `/v2.1` |  | public | " in TEXT
    assert "| POST | `/v3/projects` | admin | Create a project, or a domain. |" in TEXT
    assert "| POST | `/v3/auth/tokens` | public | Authenticate, and issue a token for a scope. |" in TEXT
    assert "| GET | `/resource_providers/{provider_id}/inventories` | 1.0-1.39 | service | " in TEXT
    assert "`{path}` is one of `networks`" in TEXT
    assert "`/v3/{projects\\|domains}/{target_id}/{users\\|groups}/{actor_id}/roles`" in TEXT


def test_the_actions_on_servers_are_listed() -> None:
    actions = rules_of(NovaApi)
    assert set(re.findall(r"^\| `([^`/]+)` \|", TEXT, re.MULTILINE)) == set(actions)
    assert f"Number of actions: {len(actions)}." in TEXT
    assert "| `os-migrateLive` | 2.1-2.96 | admin | admin only |" in TEXT
    assert "| `lock` | 2.1-2.96 | member | yes |" in TEXT
    assert "| `addFixedIp` | 2.1-2.43 | member | admin only |" in TEXT
