"""SECURITY.md says for each request to an actor who may send it; a stranger gets the answer that is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import NamedTuple

import pytest

from pytest_doctor_maint import actors, attach
from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.openstack.client_app import CloudClientApp
from pytest_doctor_maint.simtime.http.routing import routing_of
from pytest_doctor_maint.testbed.settings import TestbedSettings, played_by
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import Topology

_ROW = re.compile(r"^\| (?P<actor>.+?) \| `(?P<method>[A-Z]+) (?P<path>\S+)` \| (?P<who>.+?) \| (?P<answer>.+?) \|$")


class Row(NamedTuple):
    """A row of the table."""

    actor: str
    method: str
    path: str
    who: str
    answer: str


ROWS = [
    Row(**found.groupdict())
    for line in (Path(__file__).parents[3] / "SECURITY.md").read_text().splitlines()
    if (found := _ROW.match(line))
]


def apps() -> Iterator[type[CloudClientApp]]:
    """Yield the applications of all actors."""
    for package in (actors, attach):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    found = [CloudClientApp]
    while found:
        app = found.pop()
        yield app
        # The actors of other distributions and of tests have routes of their own.
        found += [each for each in app.__subclasses__() if each.__module__.startswith("pytest_doctor_maint.")]


def test_every_request_to_an_actor_is_in_the_table() -> None:
    served = {
        (method, rule.rule)
        for app in apps()
        for rule in routing_of(app).map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(row.method, row.path) for row in ROWS} == served


@pytest.mark.parametrize("admin_tool", ["sample", "Fenix"])
def test_a_stranger_gets_what_the_table_says(admin_tool: str) -> None:
    plays = played_by(admin_tool.lower())
    if admin_tool == "sample":
        plays["admin_tool"] = AdminToolSettings(require_token=True)
    with Testbed(Topology((2, 2, 2)), TestbedSettings(wire="memory", **plays)) as bench:
        origins = {admin_tool: re.sub("/v1$", "", bench.admin_tool.url), "Inspector": bench.inspector.url}
        answers = {
            row: bench.http.request(row.method, origins[actor] + re.sub("<[^>]*>", "x", row.path), json={}).status_code
            for row in ROWS
            for actor in row.actor.split(", ")
            if actor in origins
        }
    assert answers
    for row, status in answers.items():
        told = re.match(r"\d+", row.answer)
        assert status == (int(told[0]) if told else 200), row
        # A secret or a token is needed, or everybody may do it.
        assert told or row.who == "anybody", row


def test_open_actors_take_requests_without_secrets() -> None:
    settings = TestbedSettings(wire="memory", is_open=True, **played_by("sample"))
    with Testbed(Topology((2, 2, 2)), settings) as bench:
        urls = {row: f"{bench.inspector.url}{row.path}" for row in ROWS if row.actor.endswith("Inspector")}
        urls |= {row: bench.admin_tool.url + re.sub("<[^>]*>", "x", row.path) for row in ROWS if row.actor == "sample"}
        bare = {row: url for row, url in urls.items() if row.who.startswith("anybody with `--open`")}
        answers = [bench.http.request(row.method, url, json={}).status_code for row, url in bare.items()]
    # What is wrong is the body, or the id.
    assert answers
    assert set(answers) <= {400, 404}
