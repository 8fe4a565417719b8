"""The OpenAPI documents of the actors, and a small run of requests that schemathesis makes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fuzz.conformance import conform
from fuzz.findings import Fault, Tally
from fuzz.world import new_world
from pytest_doctor_maint.actors.inspector.failures import FailureRegistry, HostRecord
from pytest_doctor_maint.commands.__main__ import main
from pytest_doctor_maint.commands.openapi import ACTORS, document_of
from pytest_doctor_maint.simtime.http import App, Request, route
from pytest_doctor_maint.simtime.http.openapi import document
from pytest_doctor_maint.simtime.http.routing import routing_of


@pytest.mark.parametrize("number", [0, 1])
def test_the_actors_answer_as_their_documents_say(number: int) -> None:
    tally = Tally()
    with new_world("conform", number) as world:
        conform(world, 2, tally)
    assert tally.findings == []
    assert tally.statuses.total() > 30
    assert tally.statuses[200] > 0


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_an_answer_that_is_not_in_the_document_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def records(registry: FailureRegistry) -> list[HostRecord]:
        return [HostRecord.model_construct(hostname="compute-1", maintenance_sessions="none")]

    monkeypatch.setattr(FailureRegistry, "records", records)
    tally = Tally()
    with new_world("conform", 1) as world:
        world.actors = {url: found for url, found in world.actors.items() if "inspector" in found[0]}
        conform(world, 1, tally)
    assert {finding.fault for finding in tally.findings} == {Fault.NONCONFORMING}
    assert "/hosts" in tally.findings[0].request


@pytest.mark.parametrize("actor", ACTORS)
def test_every_route_of_an_actor_is_in_its_document(actor: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = document_of(actor)
    assert main(["openapi", actor]) == 0
    assert json.loads(capsys.readouterr().out) == found
    rules = list(routing_of(ACTORS[actor][1]()).map.iter_rules())
    served = {(rule.rule, method.lower()) for rule in rules for method in (rule.methods or set()) - {"HEAD"}}
    shown = {(path, method) for path, operations in found["paths"].items() for method in operations}
    assert shown == {(path.replace("<", "{").replace(">", "}"), method) for path, method in served}
    operations = [each for path in found["paths"].values() for each in path.values()]
    assert len({each["operationId"] for each in operations}) == len(operations)
    for each in operations:
        assert each["summary"]
        # A body is taken where one is documented, and only there.
        assert ("requestBody" in each) == ("400" in each["responses"])


def test_a_document_has_what_a_route_declares() -> None:
    class Small(App):
        @route("PUT", "/things/<name>", body=list[int], answer=dict[str, int], refuses=(404, 509))
        def put(self, request: Request, name: str) -> dict[str, Any]:
            """Put a thing."""
            return {name: 1}

    operation = document(Small, title="Small", version="1")["paths"]["/things/{name}"]["put"]
    assert (operation["operationId"], operation["summary"]) == ("put", "Put a thing.")
    assert [each["name"] for each in operation["parameters"]] == ["name"]
    assert list(operation["responses"]) == ["200", "400", "404", "408", "413", "509"]
    assert operation["requestBody"]["content"]["application/json"]["schema"]["items"] == {"type": "integer"}
    assert operation["responses"]["200"]["content"]["application/json"]["schema"]["type"] == "object"
