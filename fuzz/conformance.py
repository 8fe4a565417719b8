"""The actors' answers against the OpenAPI documents of their APIs: requests that schemathesis makes of the documents.

Half of the requests fit the document, and half do not. In some of them, ids and fields are replaced by those of what
there is, so that they reach more than the first check.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from fuzz.findings import Fault, Finding, Tally
from fuzz.mutation import FuzzedRequest, Route
from fuzz.world import World
from pytest_doctor_maint.simtime.http.openapi import document

#: What replaces a field of a body, by its name. The future of a world is not long.
_FIELDS: dict[str, list[Any]] = {
    "hosts": [["compute-3"], ["compute-1", "compute-2"]],
    "maintenance_at": ["2030-01-01 03:00:00", "2030-01-02 00:00:00"],
    "state": ["MAINTENANCE", "ACK_MAINTENANCE", "NACK_MAINTENANCE", "ACK_PLANNED_MAINTENANCE"],
    "hostname": ["compute-1", "compute-3"],
    "metadata": [{}],
    "workflow": ["default", "vnf"],
    "actions": [[]],
}


def conform(world: World, examples: int, tally: Tally) -> None:
    """Send requests to each operation of each actor of a world, and count the answers that do not conform.

    Args:
        world: The world.
        examples: How many requests of each kind are made for an operation.
        tally: Where the answers are counted.
    """
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.core.result import Err

    for url, (name, app) in world.actors.items():
        schema = schemathesis.openapi.from_dict(document(type(app), title=name, version="1"))
        for found in schema.get_all_operations():
            if isinstance(found, Err):
                raise found.err()
            operation = found.ok()
            modes = [GenerationMode.POSITIVE]
            if operation.body:
                # Without a body every text is right.
                modes.append(GenerationMode.NEGATIVE)
            for mode in modes:
                route = Route(url, operation.method.upper(), operation.path, name)
                rng = random.Random(f"{world.name}/{mode}/{route}")  # noqa: S311
                for case in _cases(operation.as_strategy(generation_mode=mode), examples, rng):
                    _check(world, route, case, rng, tally)


# Any, here and below: schemathesis types its cases by the kinds of documents.
def _cases(strategy: Any, examples: int, rng: random.Random) -> Iterator[Any]:
    """Yield cases that a strategy makes."""
    from hypothesis import HealthCheck, Phase, given, seed, settings

    found: list[Any] = []

    @seed(rng.getrandbits(64))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    yield from found


def _check(world: World, route: Route, case: Any, rng: random.Random, tally: Tally) -> None:
    """Send the request of a case, and count what is wrong with the answer."""
    import requests
    from schemathesis.checks import not_a_server_error
    from schemathesis.core.failures import FailureGroup
    from schemathesis.core.transport import Response
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

    if rng.random() < 0.7:
        case.path_parameters = {name: world.known(name) for name in case.path_parameters or {}}
    if isinstance(case.body, dict) and rng.random() < 0.6:
        case.body |= {name: rng.choice(_FIELDS[name]) for name in case.body if name in _FIELDS}
        case.body |= {name: case.path_parameters[name] for name in case.body if name in (case.path_parameters or {})}
    prepared = requests.Request(**case.as_transport_kwargs(base_url=route.url)).prepare()
    parts = urlsplit(prepared.url or "")
    body = prepared.body or b""
    request = FuzzedRequest(
        route,
        str(prepared.method),
        parts.path + (f"?{parts.query}" if parts.query else ""),
        {**prepared.headers, "Host": parts.netloc, "X-Auth-Token": world.token()},
        body.encode() if isinstance(body, str) else bytes(body),
    )
    status, headers, content = world.answer(request)
    tally.statuses[status] += 1
    shown = {name: [value] for name, value in headers.items()}
    try:
        case.validate_response(
            Response(status, shown, content, prepared, elapsed=0.0, verify=False),
            checks=[
                not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
            ],
        )  # fmt: skip
    except FailureGroup as group:
        detail = "; ".join(f"{failure.title}: {failure.message}" for failure in group.exceptions)
        tally.findings.append(Finding(Fault.NONCONFORMING, world.name, str(request), f"{status} {detail[:600]}"))
