"""Complex queries: a filter expression, an order and a limit in the body of a request."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.embedded.aodh.errors import Invalid, NotAuthorized, invalid
from pytest_doctor_maint.embedded.aodh.fields import Fields
from pytest_doctor_maint.embedded.aodh.queries import Item, ordered
from pytest_doctor_maint.embedded.aodh.times import parse_time
from pytest_doctor_maint.embedded.patterns import InvalidPattern, Pattern
from pytest_doctor_maint.simtime.nesting import parse_json

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller

ALARM_FIELDS = (
    "alarm_id",
    "type",
    "enabled",
    "name",
    "description",
    "timestamp",
    "user_id",
    "project_id",
    "state",
    "state_timestamp",
    "state_reason",
    "ok_actions",
    "alarm_actions",
    "insufficient_data_actions",
    "repeat_actions",
    "rule",
    "time_constraints",
    "severity",
    "evaluate_timestamp",
)
CHANGE_FIELDS = (
    "event_id",
    "alarm_id",
    "type",
    "detail",
    "user_id",
    "project_id",
    "on_behalf_of",
    "severity",
    "timestamp",
)
_SHORT: Mapping[str, str] = {"user": "user_id", "project": "project_id"}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    "=<": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=>": operator.ge,
}
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class _Reader:
    """Compiles filter expressions to predicates.

    Attributes:
        fields: The fields that an expression may name.
        visible: The field with the project that an item belongs to.
        project_id: The only project that the caller may name in that field; None for an admin.
    """

    fields: Sequence[str]
    visible: str
    project_id: str | None

    def predicate(self, expression: object, depth: int = 0) -> Callable[[Any], bool]:
        """Return the predicate of ``expression``.

        Raises:
            Invalid: ``expression`` is not a filter expression.
            NotAuthorized: ``expression`` names another project.
        """
        if not isinstance(expression, dict) or len(expression) != 1 or depth > _MAX_DEPTH:
            raise _wrong(expression, "it must be an object with one operator")
        ((name, operand),) = expression.items()
        match name.lower():
            case "and" | "or" as word:
                if not isinstance(operand, list) or len(operand) < 2:
                    raise _wrong(expression, f"{word} takes a list of at least two expressions")
                parts = [self.predicate(part, depth + 1) for part in operand]
                every = all if word == "and" else any
                return lambda item: every(part(item) for part in parts)
            case "not":
                negated = self.predicate(operand, depth + 1)
                return lambda item: not negated(item)
            case "in":
                field, values = self._field(expression, operand)
                if not isinstance(values, list) or not values:
                    raise _wrong(expression, "in takes a list of values")
                allowed = [self._value(expression, field, value) for value in values]
                return lambda item: getattr(item, field) in allowed
            case "=~":
                field, value = self._field(expression, operand)
                try:
                    pattern = Pattern(str(value))
                except InvalidPattern as error:
                    raise _wrong(expression, f"invalid regular expression: {error}") from error
                return lambda item: pattern.is_in(str(getattr(item, field)))
            case symbol if symbol in _COMPARE:
                field, value = self._field(expression, operand)
                wanted = self._value(expression, field, value)
                return lambda item: _compare(_COMPARE[symbol], getattr(item, field), wanted)
        raise _wrong(expression, f"unknown operator {name!r}")

    def field(self, name: str) -> str:
        """Return the attribute that ``name`` stands for.

        Raises:
            Invalid: There is no such field.
        """
        field = _SHORT.get(name, name)
        if field not in self.fields:
            raise Invalid(f"unknown field {name!r}; allowed are {', '.join((*self.fields, *_SHORT))}")
        return field

    def _field(self, expression: object, operand: object) -> tuple[str, Any]:
        if not isinstance(operand, dict) or len(operand) != 1:
            raise _wrong(expression, "it must be an object with one field")
        ((name, value),) = operand.items()
        try:
            field = self.field(name)
        except Invalid as error:
            raise _wrong(expression, str(error)) from error
        if field == self.visible and self.project_id is not None and value != self.project_id:
            raise NotAuthorized(f"Not Authorized to access project {value}")
        return field, value

    def _value(self, expression: object, field: str, value: object) -> str | bool | int | float | datetime:
        if not isinstance(value, str | int | float):
            raise _wrong(expression, "the value must be a string, a number, true or false")
        if field.endswith("timestamp"):
            try:
                return parse_time(str(value))
            except ValueError as error:
                raise Invalid(f"Failed to parse the timestamp value {value}") from error
        if field in ("enabled", "repeat_actions"):
            return value if isinstance(value, bool) else str(value).lower() in ("1", "true")
        return str(value)


def complex_query(
    items: Sequence[Item], body: object, caller: Caller, fields: Sequence[str], visible: str
) -> list[Item]:
    """Return the items that a body ``{"filter", "orderby", "limit"}`` asks for. filter and orderby are JSON strings.

    Args:
        items: All items; no other thread may change the list meanwhile.
        body: The JSON body of the request.
        caller: The caller. Admins see the items of all projects.
        fields: The fields that the expressions may name.
        visible: The field with the project that an item belongs to.

    Raises:
        Invalid: The body is wrong.
        NotAuthorized: The filter names another project.
    """
    query = Fields(body)
    query.only(("filter", "orderby", "limit"))
    reader = _Reader(fields, visible, None if caller.is_admin else caller.project_id)
    found = [item for item in items if caller.is_admin or getattr(item, visible) == caller.project_id]
    if query.given("filter"):
        wanted = reader.predicate(_json(query, "filter", "Filter expression not valid"))
        found = [item for item in found if wanted(item)]
    sort = _order(query, reader) if query.given("orderby") else [("timestamp", "desc")]
    limit = query.optional_integer("limit", least=-(2**63))
    if limit is not None and limit <= 0:
        raise Invalid("Limit should be positive")
    return ordered(found, sort)[:limit]


def _order(query: Fields, reader: _Reader) -> list[tuple[str, str]]:
    order = _json(query, "orderby", "Order-by expression not valid")
    if not isinstance(order, list):
        raise Invalid(f"Order-by expression not valid: {order!r} is not a list")
    sort = []
    for part in order:
        if not isinstance(part, dict) or len(part) != 1:
            raise Invalid(f"Order-by expression not valid: {part!r} is not an object with one field")
        ((name, direction),) = part.items()
        if str(direction).lower() not in ("asc", "desc"):
            raise Invalid(f"Order-by expression not valid: {direction!r} is neither asc nor desc")
        try:
            field = reader.field(name)
        except Invalid as error:
            raise Invalid(f"Order-by expression not valid: {error}") from error
        if field in ("rule", "time_constraints"):
            raise Invalid(f"Order-by expression not valid: values of {name!r} have no order")
        sort.append((field, str(direction).lower()))
    return sort


def _json(query: Fields, name: str, problem: str) -> Any:
    text = query.raw(name)
    if not isinstance(text, str):
        raise invalid(name, text, "It must be a string of JSON.")
    try:
        return parse_json(text)
    except ValueError as error:
        raise Invalid(f"{problem}: {error}") from error


def _compare(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    if value is None:
        return False
    if not isinstance(value, bool | datetime):
        # A value with a structure (a rule, a list of URLs) is compared as the string that a database would have.
        value = value if isinstance(value, str) else json.dumps(value)
    return compare(value, wanted)


def _wrong(expression: object, reason: str) -> Invalid:
    return Invalid(f"Filter expression not valid: {reason}: {json.dumps(expression)[:200]}")
