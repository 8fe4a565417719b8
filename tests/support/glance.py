"""Glance without sockets, and values at the bounds of its published schemas."""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from werkzeug.test import Client, TestResponse

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http.wires import MemoryWire
from pytest_doctor_maint.simtime.ids import Ids
from tests.support.json import Json

COMPUTES = (ComputeSpec("compute-1", 4, 8192, 100), ComputeSpec("compute-2", 4, 8192, 100))
A_UUID = "6f1d0e0a-8b2f-4f7b-9c3d-2a1e6b7c8d9e"


class GlanceBench:
    """Glance's API, and callers whose tokens are their names: ``admin``, and ``ann`` and ``bob`` of other projects."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.cloud = CloudState(clock, History(clock.now), Ids(1), CloudSettings(computes=COMPUTES))
        keystone = self.cloud.keystone
        self.projects = {"admin": keystone.admin_project_id}
        for name in ("ann", "bob"):
            self.projects[name] = keystone.create_project(name).id
        self.callers = {
            name: Caller(f"u-{name}", name, project_id, name, frozenset({"member", "reader"} | ({name} & {"admin"})))
            for name, project_id in self.projects.items()
        }
        keystone.validate = self.callers.get  # type: ignore[method-assign, assignment]
        self._client = Client(self.cloud.services()["/image"])

    def ask(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        who: str = "ann",
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> TestResponse:
        """Return the API's answer. Bytes are sent as they are, everything else as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        sent = {"X-Auth-Token": who, **(headers or {})}
        if data is None:
            return self._client.open(path, method=method, headers=sent)
        return self._client.open(path, method=method, data=data, content_type=content_type, headers=sent)

    def call(
        self,
        method: str,
        path: str,
        body: Json = None,
        *,
        status: int = 200,
        who: str = "ann",
        content_type: str = "application/json",
    ) -> Json:
        """Return the JSON of an answer that must have this status."""
        answer = self.ask(method, path, body, who=who, content_type=content_type)
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None


@contextmanager
def glance_bench() -> Iterator[GlanceBench]:
    clock = SimulatedClock(1, wire=MemoryWire())
    yield GlanceBench(clock)
    clock.stop()
    assert not clock.failures


def bounds(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    """Return values that a schema allows, and values that it does not allow, at its bounds.

    Args:
        schema: The schema of a property.
        document: The whole schema, in which references are resolved.
    """
    schema = _resolved(schema, document)
    if not schema:
        return [1, "x", None, {}], []
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    inside: list[Json] = [None] if "null" in types else []
    outside: list[Json] = [] if "null" in types else [None]
    if "enum" in schema:
        allowed = [value for value in schema["enum"] if value is not None]
        return [*inside, *allowed], [*outside, "wrong", 1]
    for kind in types:
        good, bad = {
            "string": _string,
            "integer": _number,
            "number": _number,
            "boolean": _boolean,
            "array": _array,
            "object": _object,
            "null": _null,
        }[kind](schema, document)
        inside += good
        outside += bad
    return inside, outside


def _resolved(schema: Json, document: Json) -> Json:
    if "$ref" in schema:
        *_, name = schema["$ref"].split("/")
        return _resolved(document["definitions"][name], document)
    if "allOf" in schema:
        merged: Json = {}
        for part in schema["allOf"]:
            merged |= _resolved(part, document)
        return merged
    return schema


def _null(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    return [None], []


def _string(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    if "pattern" in schema:
        return [A_UUID], ["x", 1]
    inside: list[Json] = ["text"]
    outside: list[Json] = [1]
    if "maxLength" in schema:
        inside.append("x" * schema["maxLength"])
        outside.append("x" * (schema["maxLength"] + 1))
    if "minLength" in schema:
        inside.append("x" * schema["minLength"])
        outside.append("x" * (schema["minLength"] - 1))
    if "minLength" in schema and schema["minLength"] == schema.get("maxLength"):
        inside.remove("text")
    return inside, outside


def _number(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    inside: list[Json] = [5]
    outside: list[Json] = ["5", True]
    if schema["type"] == "integer" or "integer" in schema["type"]:
        outside.append(1.5)
    else:
        inside.append(1.5)
    if "minimum" in schema:
        inside.append(schema["minimum"])
        outside.append(schema["minimum"] - 1)
    if "maximum" in schema:
        inside.append(schema["maximum"])
        outside.append(schema["maximum"] + 1)
    return inside, outside


def _boolean(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    return [True, False], ["yes", 1]


def _array(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    good, bad = bounds(schema.get("items", {}), document)
    inside: list[Json] = [[item] for item in good]
    outside: list[Json] = ["text", {}, *([item] for item in bad)]
    (outside if schema.get("minItems") else inside).append([])
    if schema.get("uniqueItems"):
        outside.append([good[0], good[0]])
    return inside, outside


def _object(schema: Json, document: Json) -> tuple[list[Json], list[Json]]:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    least = {name: bounds(properties[name], document)[0][0] for name in required}
    inside: list[Json] = [least]
    outside: list[Json] = ["text", []]
    outside += [{key: value for key, value in least.items() if key != name} for name in required]
    for name, own in properties.items():
        good, bad = bounds(own, document)
        inside += [{**least, name: value} for value in good]
        outside += [{**least, name: value} for value in bad]
    more = schema.get("additionalProperties", True)
    if more is False:
        outside.append({**least, "unknown": 1})
    elif more is not True:
        good, bad = bounds(more, document)
        inside += [{**least, "unknown": value} for value in good]
        outside += [{**least, "unknown": value} for value in bad]
    return inside, outside


def unused_names() -> Iterator[str]:
    """Yield names, each of them once."""
    return (f"name-{number}" for number in itertools.count())
