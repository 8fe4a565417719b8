"""The rules of all types of alarms: what each must hold, and how it is shown.

All can be made and read back; only event alarms ever fire on the embedded cloud, which has no metrics.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.embedded.aodh.fields import Fields, Invalid, invalid
from pytest_doctor_maint.protocol.times import from_wire

OPERATORS = ("lt", "le", "eq", "ne", "ge", "gt")
#: What gnocchi offers by default; Aodh asks it for them.
AGGREGATION_METHODS = tuple(
    f"{rate}{method}"
    for rate in ("", "rate:")
    for method in ("mean", "sum", "last", "max", "min", "std", "median", "first", "count", "nunique")
)
#: The rules that a composite rule may be made of.
BASIC = (
    "gnocchi_aggregation_by_metrics_threshold",
    "gnocchi_aggregation_by_resources_threshold",
    "gnocchi_resources_threshold",
    "prometheus",
)
_QUERY_FIELDS = ("field", "op", "value", "type")
_QUERY_TYPES = ("string", "integer", "float", "boolean", "")
_TRAIT_NAME = re.compile(r"^[a-zA-Z.',0-9_-]*$")
_MAX_DEPTH = 20


def read_rule(type_: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The rule of an alarm of ``type_``, complete, as the API shows it.

    Raises:
        Invalid: The rule is missing, is for another type, or is wrong.
    """
    name = f"{type_}_rule"
    given = [f"{other}_rule" for other in READERS if body.get(f"{other}_rule")]
    if body.get(name) is None:
        raise Invalid(f"{name} must be set for {type_} type alarm")
    if others := [other for other in given if other != name]:
        raise Invalid(f"{name} and {others[0]} cannot be set at the same time")
    return READERS[type_](body[name], name)


def default_description(type_: str, rule: Mapping[str, Any]) -> str:
    """What an alarm without a description of its own is described as."""
    if type_ == "event":
        return f"Alarm when {rule['event_type']} event occurred."
    return f"{type_} alarm rule"


def converted(value: str, type_: str | None) -> Any:
    """The value of a query, as the type says; without a type, as the Python literal that it may be.

    Raises:
        Invalid: It is none of that type, or there is no such type.
    """
    try:
        match type_ or "":
            case "":
                try:
                    return ast.literal_eval(value)
                except (ValueError, SyntaxError, MemoryError, RecursionError):
                    return value
            case "string":
                return value
            case "integer":
                return int(value)
            case "float":
                return float(value)
            case "boolean":
                if value.strip().lower() not in (
                    "1",
                    "t",
                    "true",
                    "on",
                    "y",
                    "yes",
                    "0",
                    "f",
                    "false",
                    "off",
                    "n",
                    "no",
                ):
                    raise ValueError(value)
                return value.strip().lower() in ("1", "t", "true", "on", "y", "yes")
            case "datetime":
                return from_wire(value)
    except ValueError as error:
        raise Invalid(f"Unable to convert the value {value} to the expected data type {type_}.") from error
    raise Invalid(
        f"The data type {type_} is not supported. The supported data type list is: "
        "integer, float, string, boolean, datetime"
    )


def _event(value: Any, where: str) -> dict[str, Any]:
    fields = Fields(value, where)
    fields.only(("event_type", "query"))
    query = []
    for condition in fields.objects("query"):
        condition.only(_QUERY_FIELDS)
        field, operator = condition.text("field"), condition.choice("op", OPERATORS, "eq")
        # What has no type may be left so, but only in so many words.
        text, type_ = condition.text("value"), condition.text("type", None)
        converted(text, type_)
        if not _TRAIT_NAME.match(field):
            raise Invalid(f"Query value or traits invalid: {field!r} is no name of a trait")
        if type_ not in _QUERY_TYPES:
            allowed = ", ".join(repr(known) for known in _QUERY_TYPES)
            raise Invalid(f"Query value or traits invalid: type is {type_!r}; allowed are {allowed}")
        query.append({"field": field, "op": operator, "type": type_, "value": text})
    return {"event_type": fields.text("event_type", "") or "*", "query": query}


def _threshold(fields: Fields) -> dict[str, Any]:
    rule = {
        "granularity": fields.integer("granularity", 60, least=1, most=3600 * 24 * 365),
        "comparison_operator": fields.choice("comparison_operator", OPERATORS, "eq"),
        "threshold": fields.number("threshold"),
        "aggregation_method": fields.text("aggregation_method"),
        "evaluation_periods": fields.integer("evaluation_periods", 1, least=1, most=100),
    }
    if rule["aggregation_method"] not in AGGREGATION_METHODS:
        allowed = ", ".join(AGGREGATION_METHODS)
        raise Invalid(f"aggregation_method should be in {allowed} not {rule['aggregation_method']}")
    return rule


_THRESHOLD_FIELDS = ("granularity", "comparison_operator", "threshold", "aggregation_method", "evaluation_periods")


def _by_resource(value: Any, where: str) -> dict[str, Any]:
    fields = Fields(value, where)
    own = ("metric", "resource_id", "resource_type")
    fields.only((*_THRESHOLD_FIELDS, *own))
    return {**_threshold(fields), **{name: fields.text(name) for name in own}}


def _by_resources(value: Any, where: str) -> dict[str, Any]:
    fields = Fields(value, where)
    own = ("metric", "query", "resource_type")
    fields.only((*_THRESHOLD_FIELDS, *own))
    rule = {**_threshold(fields), **{name: fields.text(name) for name in own}}
    try:
        json.loads(rule["query"])
    except (ValueError, RecursionError) as error:
        raise invalid("rule/query", rule["query"], "It must be JSON.") from error
    return rule


def _by_metrics(value: Any, where: str) -> dict[str, Any]:
    fields = Fields(value, where)
    fields.only((*_THRESHOLD_FIELDS, "metrics"))
    return {**_threshold(fields), "metrics": fields.texts("metrics")}


def _prometheus(value: Any, where: str) -> dict[str, Any]:
    fields = Fields(value, where)
    fields.only(("comparison_operator", "threshold", "query"))
    return {
        "comparison_operator": fields.choice("comparison_operator", OPERATORS, "eq"),
        "threshold": fields.number("threshold"),
        "query": fields.text("query"),
    }


def _loadbalancer(value: Any, where: str) -> dict[str, Any]:
    fields = Fields(value, where)
    own = ("pool_id", "stack_id", "autoscaling_group_id")
    fields.only(own)
    return {name: fields.text(name) for name in own}


def _composite(value: Any, where: str, depth: int = 0) -> dict[str, Any]:
    fault = (
        f'Invalid input composite rule: {value}, it should be a dict with an "and" or "or" as key, and the value of '
        "dict should be a list of basic threshold rules or sub composite rules, can be nested."
    )
    if not isinstance(value, dict) or depth > _MAX_DEPTH:
        raise Invalid(fault)
    if len(value) == 1:
        (key, parts), *_ = value.items()
        if key not in ("and", "or"):
            raise Invalid('Threshold rules should be combined with "and" or "or"')
        if not isinstance(parts, list):
            raise Invalid(fault)
        return {key: [_composite(part, where, depth + 1) for part in parts]}
    type_ = value.get("type")
    if not type_:
        raise Invalid("type must be set in every rule")
    if type_ not in BASIC:
        allowed = ", ".join(BASIC)
        raise Invalid(f"Unsupported sub-rule type :{type_} in composite rule, should be one of: {allowed}")
    rest = {name: part for name, part in value.items() if name != "type"}
    return {**READERS[type_](rest, where), "type": type_}


READERS: Mapping[str, Callable[[Any, str], dict[str, Any]]] = {
    "composite": _composite,
    "event": _event,
    "gnocchi_aggregation_by_metrics_threshold": _by_metrics,
    "gnocchi_aggregation_by_resources_threshold": _by_resources,
    "gnocchi_resources_threshold": _by_resource,
    "loadbalancer_member_health": _loadbalancer,
    "prometheus": _prometheus,
}
