"""Matching of events with the rules of alarms, as Aodh's event evaluator does it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from pytest_doctor_maint.embedded.aodh.events import DATETIME, FLOAT, INTEGER, STRING, CeilometerEvent
from pytest_doctor_maint.embedded.aodh.times import parse_time

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}
_TYPES: Mapping[str, int] = {"string": STRING, "integer": INTEGER, "float": FLOAT, "datetime": DATETIME}


def hits(event: CeilometerEvent, rule: Mapping[str, Any]) -> bool:
    """Return True if ``event`` is of the rule's type (a glob) and meets each condition of the rule's query."""
    if not fnmatchcase(event.event_type, rule["event_type"]):
        return False
    traits = {name: _typed(value, type_) for name, type_, value in event.traits}
    return all(_meets(traits, condition) for condition in rule["query"])


def _meets(traits: Mapping[str, Any], condition: Mapping[str, Any]) -> bool:
    space, _, name = condition["field"].partition(".")
    type_ = _TYPES.get(condition.get("type") or "string")
    # Aodh accepts other fields, and the type boolean, when an alarm is created, but then fails at every evaluation.
    if space != "traits" or type_ is None:
        return False
    try:
        return _COMPARE[condition["op"]](traits.get(name), _typed(condition["value"], type_))
    except (TypeError, ValueError):
        # Only values of the same type have an order.
        return False


def _typed(value: Any, type_: int) -> str | int | float | datetime:
    if type_ == INTEGER:
        return int(value)
    if type_ == FLOAT:
        return float(value)
    if type_ == DATETIME:
        return parse_time(value)
    return str(value)
