"""Simple queries: conditions, order and page in the parameters of a listing."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_doctor_maint.embedded.aodh.alarm import SEVERITIES, Alarm, AlarmChange
from pytest_doctor_maint.embedded.aodh.conversion import convert
from pytest_doctor_maint.embedded.aodh.errors import Forbidden, Invalid, NotAuthorized, invalid
from pytest_doctor_maint.embedded.aodh.fields import Fields
from pytest_doctor_maint.embedded.aodh.rules import OPERATORS
from pytest_doctor_maint.embedded.aodh.times import parse_time

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from pytest_doctor_maint.embedded.caller import Caller

Item = TypeVar("Item", Alarm, AlarmChange)

ALARM_SORT_KEYS = (
    "alarm_id",
    "enabled",
    "name",
    "type",
    "severity",
    "timestamp",
    "user_id",
    "project_id",
    "state",
    "repeat_actions",
    "state_timestamp",
)
CHANGE_SORT_KEYS = (
    "event_id",
    "alarm_id",
    "on_behalf_of",
    "project_id",
    "user_id",
    "type",
    "timestamp",
    "severity",
)
_ALARM_FIELDS = (
    "all_projects",
    "user_id",
    "project_id",
    "type",
    "name",
    "enabled",
    "state",
    "severity",
    "timestamp",
    "repeat_actions",
)
_CHANGE_FIELDS = ("user_id", "user", "project_id", "project", "type", "severity", "timestamp", "search_offset")
_LATEST_FIRST = (("timestamp", "desc"),)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """``field op value``. ``value`` is a string, which is converted to ``type`` if that is given."""

    field: str
    op: str
    value: str
    type: str = ""

    def typed(self, default_type: str = "") -> Any:
        """Return the value in its type.

        Raises:
            Invalid: The value is not of its type.
        """
        return convert(self.value, self.type or default_type)


def read_conditions(args: MultiDict[str, str]) -> list[Condition]:
    """Return the conditions in the parameters ``q.field``, ``q.op``, ``q.value`` and ``q.type`` of a URL.

    Raises:
        Invalid: A condition is incomplete or wrong, or the URL has parameters that no listing takes.
    """
    names = ("field", "op", "value", "type")
    columns = {name: args.getlist(f"q.{name}") for name in names if f"q.{name}" in args}
    for name in args:
        if name not in ("sort", "limit", "marker") and name not in tuple(f"q.{known}" for known in names):
            raise Invalid(f"Unknown argument: {name}")
    if len({len(column) for column in columns.values()}) > 1:
        counts = ", ".join(f"{len(column)} q.{name}" for name, column in columns.items())
        raise Invalid(f"Each condition needs the same parts; there are {counts}")
    conditions = []
    for row in zip(*columns.values(), strict=True):
        fields = Fields(dict(zip(columns, row, strict=True)), "q")
        conditions.append(
            Condition(
                fields.text("field"),
                fields.choice("op", OPERATORS, "eq"),
                fields.text("value"),
                fields.text("type", ""),
            )
        )
    return conditions


def matching_alarms(alarms: Sequence[Alarm], conditions: Sequence[Condition], caller: Caller) -> list[Alarm]:
    """Return the alarms that meet all ``conditions``. Only admins get alarms of other projects.

    Raises:
        Invalid: A condition has an unknown field, or an operator other than ``eq``.
        NotAuthorized: A condition names another project, and the caller is not an admin.
        Forbidden: The conditions ask for all projects, and the caller is not an admin.
    """
    for condition in conditions:
        if condition.field not in _ALARM_FIELDS:
            raise invalid("field", condition.field, f"only fields {', '.join(_ALARM_FIELDS)} are allowed")
        if condition.op != "eq":
            raise invalid("op", condition.op, "only operations eq are allowed")
    everywhere = any(item.field == "all_projects" and item.typed("boolean") for item in conditions)
    projects = [item.value for item in conditions if item.field == "project_id"]
    if everywhere and not caller.is_admin:
        raise Forbidden
    if not everywhere and not caller.is_admin:
        for project_id in projects:
            if project_id != caller.project_id:
                raise NotAuthorized(f"Not Authorized to access project {project_id}")
    if not everywhere and not projects:
        alarms = [alarm for alarm in alarms if alarm.project_id == caller.project_id]
    wanted = [(item.field, _wanted(item)) for item in conditions if item.field != "all_projects"]
    return [alarm for alarm in alarms if all(getattr(alarm, field) == value for field, value in wanted)]


def matching_changes(
    changes: Sequence[AlarmChange], conditions: Sequence[Condition], caller: Caller
) -> list[AlarmChange]:
    """Return the changes that meet all ``conditions``. Only admins get changes on behalf of other projects.

    Raises:
        Invalid: A condition has an unknown field, or an operator that the field does not take.
        NotAuthorized: A condition names another project, and the caller is not an admin.
    """
    found = [change for change in changes if caller.is_admin or change.on_behalf_of == caller.project_id]
    offset = 0
    times = []
    for item in conditions:
        if item.field not in _CHANGE_FIELDS:
            raise Invalid(f"Unknown argument: {item.field}: valid keys: {', '.join(sorted(_CHANGE_FIELDS))}")
        if item.op not in (_COMPARE if item.field == "timestamp" else ("eq",)):
            raise invalid("op", item.op, f"unimplemented operator for {item.field}")
        if item.field == "timestamp":
            times.append(item)
        elif item.field == "search_offset":
            offset = item.typed("integer")
        else:
            field = {"user": "user_id", "project": "project_id"}.get(item.field, item.field)
            if field == "project_id" and not caller.is_admin and item.value != caller.project_id:
                raise NotAuthorized(f"Not Authorized to access project {item.value}")
            found = [change for change in found if getattr(change, field) == item.value]
    if offset and not times:
        raise invalid("field", "search_offset", "search_offset cannot be used without timestamp")
    for item in times:
        # The offset extends the interval at both ends.
        limit = _later(_time(item.value), offset if item.op in ("lt", "le") else -offset)
        found = [change for change in found if _COMPARE[item.op](change.timestamp, limit)]
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """The order of a listing, and the part of it that is shown.

    Attributes:
        sort: Fields and directions (``asc`` or ``desc``), the most significant first.
        limit: The largest number of items; None for all.
        marker: The id of the item before the first one; empty for the start of the listing.
    """

    sort: Sequence[tuple[str, str]] = _LATEST_FIRST
    limit: int | None = None
    marker: str = ""

    def of(self, items: Sequence[Item], key: Callable[[Item], str]) -> list[Item]:
        """Return this page of ``items``, which are in the order of their creation.

        Raises:
            Invalid: No item has the marker as its key.
        """
        found = ordered(items, self.sort)
        if self.marker:
            keys = [key(item) for item in found]
            if self.marker not in keys:
                raise Invalid(f"Marker {self.marker} not found.")
            found = found[keys.index(self.marker) + 1 :]
        return found[: self.limit]


def read_page(args: MultiDict[str, str], sort_keys: Sequence[str]) -> Page:
    """Return the page that the parameters ``sort``, ``limit`` and ``marker`` of a URL ask for.

    Raises:
        Invalid: A parameter is wrong.
    """
    sort = []
    for text in args.getlist("sort"):
        name, _, direction = text.partition(":")
        if name not in sort_keys or direction not in ("", "asc", "desc"):
            raise invalid(
                "sort",
                text,
                "the sort parameter should be a pair of sort key and sort dir combined with ':', or only sort key "
                "specified and sort dir will be default 'asc', the supported sort keys are: " + ", ".join(sort_keys),
            )
        sort.append((name, direction or "asc"))
    limit = Fields({"limit": args.get("limit")}).optional_integer("limit", least=0)
    return Page(sort or _LATEST_FIRST, limit or None, args.get("marker", ""))


def ordered(items: Sequence[Item], sort: Sequence[tuple[str, str]]) -> list[Item]:
    """Return ``items`` in the order of ``sort``; items that are equal in all its fields, the latest first."""
    found = list(reversed(items))
    for field, direction in reversed(sort):
        found.sort(key=partial(_rank, field), reverse=direction == "desc")
    return found


def _rank(field: str, item: Alarm | AlarmChange) -> tuple[bool, Any]:
    value = getattr(item, field)
    # Severities have an order of their own. None comes before all values.
    return value is not None, SEVERITIES.index(value) if field == "severity" else value


def _wanted(condition: Condition) -> Any:
    if condition.field in ("enabled", "repeat_actions"):
        return condition.typed("boolean")
    if condition.field == "timestamp":
        return _time(condition.value)
    condition.typed()
    return condition.value


def _later(moment: datetime, minutes: int) -> datetime:
    try:
        return moment + timedelta(minutes=minutes)
    except OverflowError as error:
        raise invalid("search_offset", str(minutes), "search_offset leaves the calendar") from error


def _time(text: str) -> datetime:
    try:
        return parse_time(text)
    except ValueError as error:
        raise invalid("timestamp", text, "invalid timestamp format") from error
