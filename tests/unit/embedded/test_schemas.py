"""Schemas of request bodies: which error is reported first, and in which words of the service."""

from __future__ import annotations

import gc
from importlib import import_module

import pytest
from jsonschema import Draft202012Validator

from pytest_doctor_maint.embedded.schemas import Fault, Schema

SERVER = Schema(
    {
        "type": "object",
        "properties": {
            "server": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 5},
                    "min_count": {"type": "integer", "minimum": 1},
                    "networks": {"type": "array", "items": {"type": "object", "required": ["uuid"]}},
                },
                "required": ["name"],
            }
        },
        "required": ["server"],
    }
)


@pytest.mark.parametrize(
    "server",
    [
        {"name": "x"},
        {"name": "x" * 5, "min_count": 1, "networks": [{"uuid": "y"}, {"uuid": "z"}]},
        {"name": "x", "more": None},
    ],
)
def test_a_value_of_the_right_form_has_no_fault(server: object) -> None:
    assert SERVER.fault({"server": server}) is None
    SERVER.check({"server": server}, lambda fault: AssertionError(fault))


@pytest.mark.parametrize(
    ("body", "path", "keyword", "message"),
    [
        ([], "", "type", "[] is not of type 'object'"),
        ({}, "", "required", "'server' is a required property"),
        ({"server": {}}, "server", "required", "'name' is a required property"),
        ({"server": {"name": 7}}, "server/name", "type", "7 is not of type 'string'"),
        ({"server": {"name": ""}}, "server/name", "minLength", "'' should be non-empty"),
        ({"server": {"name": "x" * 6}}, "server/name", "maxLength", "'xxxxxx' is too long"),
        ({"server": {"name": "x", "min_count": 0}}, "server/min_count", "minimum", "0 is less than the minimum of 1"),
        ({"server": {"name": "x", "min_count": True}}, "server/min_count", "type", "True is not of type 'integer'"),
        ({"server": {"name": "x", "min_count": 1.0}}, "server/min_count", "type", "1.0 is not of type 'integer'"),
        (
            {"server": {"name": "x", "networks": [{"uuid": "y"}, {}]}},
            "server/networks/1",
            "required",
            "'uuid' is a required property",
        ),
    ],
)
def test_a_fault_says_where_and_what(body: object, path: str, keyword: str, message: str) -> None:
    fault = SERVER.fault(body)
    assert fault is not None
    assert (fault.path_text, fault.keyword, fault.message) == (path, keyword, message)


def test_the_outermost_fault_comes_first_and_then_the_first_in_the_order_of_paths() -> None:
    many = [{"uuid": "y"}] * 12
    many[2], many[10] = {}, {}
    found = SERVER.fault({"server": {"networks": many, "min_count": 0, "name": 7}})
    assert found is not None
    assert found.path == ("server", "min_count")
    found = SERVER.fault({"server": {"networks": many, "name": "x"}})
    assert found is not None
    assert found.path == ("server", "networks", 2)
    found = SERVER.fault({"server": {"networks": many}})
    assert found is not None
    assert (found.path, found.keyword) == (("server",), "required")


def test_the_service_makes_the_error() -> None:
    def refuse(fault: Fault) -> ValueError:
        return ValueError(f"{fault.path_text}: {fault.message_without_value}")

    with pytest.raises(ValueError, match=r"^server/name: The value is too long$"):
        SERVER.check({"server": {"name": "secret"}}, refuse)


def test_every_schema_of_the_services_is_valid() -> None:
    import_module("pytest_doctor_maint.embedded.cloud")
    found = [each for each in gc.get_objects() if isinstance(each, Schema)]
    assert len(found) > 30
    for each in found:
        Draft202012Validator.check_schema(each.schema)
