"""The rules of all types of alarms: the fields of each and their bounds.

Alarms of all types can be created and read. Only event alarms fire on the embedded cloud, which has no metrics.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.embedded.aodh.conversion import convert
from pytest_doctor_maint.embedded.aodh.errors import Invalid, invalid
from pytest_doctor_maint.embedded.aodh.fields import Fields
from pytest_doctor_maint.embedded.patterns import LONGEST
from pytest_doctor_maint.simtime.nesting import parse_json

OPERATORS = ("lt", "le", "eq", "ne", "ge", "gt")
#: The methods of gnocchi's default configuration, which Aodh asks gnocchi for.
AGGREGATION_METHODS = tuple(
    f"{rate}{method}"
    for rate in ("", "rate:")
    for method in ("mean", "sum", "last", "max", "min", "std", "median", "first", "count", "nunique")
)
#: The types of rules that a composite rule can consist of.
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

Rule = dict[str, Any]
"""A rule, by the API's names of its fields."""


def read_rule(type_: str, body: Mapping[str, Any]) -> Rule:
    """Return the rule of an alarm of ``type_`` as the API shows it, with the defaults of missing fields.

    Raises:
        Invalid: The rule is missing, or wrong, or there is a rule of another type.
    """
    name = f"{type_}_rule"
    given = [f"{other}_rule" for other in READERS if body.get(f"{other}_rule")]
    if body.get(name) is None:
        raise Invalid(f"{name} must be set for {type_} type alarm")
    if others := [other for other in given if other != name]:
        raise Invalid(f"{name} and {others[0]} cannot be set at the same time")
    return READERS[type_](body[name], name)


def default_description(type_: str, rule: Mapping[str, Any]) -> str:
    """Return the description of an alarm that is created without one."""
    if type_ == "event":
        return f"Alarm when {rule['event_type']} event occurred."
    return f"{type_} alarm rule"


def _event(value: object, where: str) -> Rule:
    fields = Fields(value, where)
    fields.only(("event_type", "query"))
    query = []
    for condition in fields.objects("query"):
        condition.only(_QUERY_FIELDS)
        field, operator = condition.text("field"), condition.choice("op", OPERATORS, "eq")
        text, type_ = condition.text("value"), condition.optional_text("type")
        convert(text, type_)
        if not _TRAIT_NAME.match(field):
            raise Invalid(f"Query value or traits invalid: {field!r} is not the name of a trait")
        # A condition may be without a type, but then it has to say so.
        if type_ not in _QUERY_TYPES:
            allowed = ", ".join(repr(known) for known in _QUERY_TYPES)
            raise Invalid(f"Query value or traits invalid: type is {type_!r}; allowed are {allowed}")
        query.append({"field": field, "op": operator, "type": type_, "value": text})
    event_type = fields.text("event_type", "") or "*"
    if len(event_type) > LONGEST:
        # It is a glob, which is compiled for each event.
        reason = f"It has {len(event_type)} characters; {LONGEST} are allowed."
        raise invalid(f"{where}.event_type", f"{event_type[:40]}…", reason)
    return {"event_type": event_type, "query": query}


def _threshold(fields: Fields) -> Rule:
    rule: Rule = {
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


def _by_resource(value: object, where: str) -> Rule:
    fields = Fields(value, where)
    own = ("metric", "resource_id", "resource_type")
    fields.only((*_THRESHOLD_FIELDS, *own))
    return {**_threshold(fields), **{name: fields.text(name) for name in own}}


def _by_resources(value: object, where: str) -> Rule:
    fields = Fields(value, where)
    own = ("metric", "query", "resource_type")
    fields.only((*_THRESHOLD_FIELDS, *own))
    rule: Rule = {**_threshold(fields), **{name: fields.text(name) for name in own}}
    try:
        parse_json(rule["query"])
    except ValueError as error:
        raise invalid("rule/query", rule["query"], "It must be JSON.") from error
    return rule


def _by_metrics(value: object, where: str) -> Rule:
    fields = Fields(value, where)
    fields.only((*_THRESHOLD_FIELDS, "metrics"))
    return {**_threshold(fields), "metrics": fields.texts("metrics")}


def _prometheus(value: object, where: str) -> Rule:
    fields = Fields(value, where)
    fields.only(("comparison_operator", "threshold", "query"))
    return {
        "comparison_operator": fields.choice("comparison_operator", OPERATORS, "eq"),
        "threshold": fields.number("threshold"),
        "query": fields.text("query"),
    }


def _loadbalancer(value: object, where: str) -> Rule:
    fields = Fields(value, where)
    own = ("pool_id", "stack_id", "autoscaling_group_id")
    fields.only(own)
    return {name: fields.text(name) for name in own}


def _composite(value: object, where: str, depth: int = 0) -> Rule:
    error = (
        f'Invalid input composite rule: {value}, it should be a dict with an "and" or "or" as key, and the value of '
        "dict should be a list of basic threshold rules or sub composite rules, can be nested."
    )
    if not isinstance(value, dict) or depth > _MAX_DEPTH:
        raise Invalid(error)
    if len(value) == 1:
        (key, parts), *_ = value.items()
        if key not in ("and", "or"):
            raise Invalid('Threshold rules should be combined with "and" or "or"')
        if not isinstance(parts, list):
            raise Invalid(error)
        return {key: [_composite(part, where, depth + 1) for part in parts]}
    type_ = value.get("type")
    if not type_:
        raise Invalid("type must be set in every rule")
    if type_ not in BASIC:
        allowed = ", ".join(BASIC)
        raise Invalid(f"Unsupported sub-rule type :{type_} in composite rule, should be one of: {allowed}")
    rest = {name: part for name, part in value.items() if name != "type"}
    return {**READERS[type_](rest, where), "type": type_}


READERS: Mapping[str, Callable[[object, str], Rule]] = {
    "composite": _composite,
    "event": _event,
    "gnocchi_aggregation_by_metrics_threshold": _by_metrics,
    "gnocchi_aggregation_by_resources_threshold": _by_resources,
    "gnocchi_resources_threshold": _by_resource,
    "loadbalancer_member_health": _loadbalancer,
    "prometheus": _prometheus,
}
