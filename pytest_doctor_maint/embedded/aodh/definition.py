"""Reading of the definition of an alarm from a request: checks, and Aodh's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pytest_doctor_maint.embedded.aodh.alarm import ACTIONS, INSUFFICIENT_DATA, SEVERITIES, STATES, Settings
from pytest_doctor_maint.embedded.aodh.cron import is_cron
from pytest_doctor_maint.embedded.aodh.errors import Invalid, NotAuthorized, invalid
from pytest_doctor_maint.embedded.aodh.fields import Fields
from pytest_doctor_maint.embedded.aodh.rules import READERS, default_description, read_rule

#: The schemes of the URLs that Aodh can call.
SCHEMES = ("http", "https", "log", "test", "trust+heat", "trust+http", "trust+https", "trust+zaqar", "zaqar")
_MAX_NAME = 255
#: Clients that send an alarm back as they got it send these too. They cannot be set.
_TIMES = ("timestamp", "state_timestamp", "evaluate_timestamp")
_IGNORED = ("alarm_id", "state_reason", *_TIMES)
_KNOWN = frozenset(
    {
        *_IGNORED,
        *ACTIONS,
        *(f"{type_}_rule" for type_ in READERS),
        "name",
        "description",
        "type",
        "enabled",
        "state",
        "severity",
        "repeat_actions",
        "time_constraints",
        "project_id",
        "user_id",
    }
)


@dataclass(frozen=True, slots=True)
class Definition:
    """The definition of an alarm.

    Attributes:
        settings: The fields other than the owner, with the defaults of missing fields.
        project_id: The project that shall own the alarm; None if the definition does not name it.
        user_id: The user that shall own the alarm; None if the definition does not name it.
    """

    settings: Settings
    project_id: str | None
    user_id: str | None


def read_definition(body: object, *, is_admin: bool) -> Definition:
    """Return the definition of an alarm.

    Args:
        body: The JSON body of the request.
        is_admin: True if the caller may use the actions ``log://`` and ``test://``.

    Raises:
        Invalid: The definition is wrong.
        NotAuthorized: An action is for admins only.
    """
    fields = Fields(body)
    fields.only(_KNOWN)
    for ignored in _TIMES:
        fields.time(ignored)
    name = fields.text("name")
    if len(name) > _MAX_NAME:
        raise invalid("name", f"{name[:40]}…", f"It has {len(name)} characters; {_MAX_NAME} are allowed.")
    type_ = fields.choice("type", tuple(READERS))
    rule = read_rule(type_, fields.as_dict())
    constraints = tuple(_constraint(constraint) for constraint in fields.objects("time_constraints"))
    names = [constraint["name"] for constraint in constraints]
    if len(names) != len(set(names)):
        raise Invalid("Time constraint names must be unique for a given alarm.")
    settings: Settings = {
        "name": name,
        "description": fields.text("description", "") or default_description(type_, rule),
        "type": type_,
        "rule": rule,
        "enabled": fields.boolean("enabled", True),
        "state": fields.choice("state", STATES, INSUFFICIENT_DATA),
        "severity": fields.choice("severity", SEVERITIES, "low"),
        "ok_actions": _actions(fields, "ok_actions", is_admin),
        "alarm_actions": _actions(fields, "alarm_actions", is_admin),
        "insufficient_data_actions": _actions(fields, "insufficient_data_actions", is_admin),
        "repeat_actions": fields.boolean("repeat_actions", False),
        "time_constraints": constraints,
    }
    return Definition(settings, fields.optional_text("project_id"), fields.optional_text("user_id"))


def _actions(fields: Fields, kind: str, is_admin: bool) -> tuple[str, ...]:
    # A URL that is given twice is called once.
    actions = tuple(dict.fromkeys(fields.texts(kind, [])))
    for action in actions:
        try:
            scheme = urlsplit(action).scheme
        except ValueError as error:
            raise Invalid(f"Unable to parse action {action}") from error
        if scheme not in SCHEMES:
            raise Invalid(f"Unsupported action {action}")
        if scheme in ("log", "test") and not is_admin:
            raise NotAuthorized(f"You are not authorized to create action: {action}")
        if scheme.startswith("trust+") and "@" in urlsplit(action).netloc:
            raise Invalid("trust URL cannot contain a trust ID.")
    return actions


def _constraint(fields: Fields) -> dict[str, Any]:
    fields.only(("name", "description", "start", "duration", "timezone"))
    name, start = fields.text("name"), fields.text("start")
    if not is_cron(start):
        raise invalid("start", start, "It must be a time in the format of cron.")
    duration, timezone = fields.integer("duration", least=0), fields.text("timezone", "")
    if timezone:
        try:
            ZoneInfo(timezone)
        except (KeyError, ValueError, OSError) as error:
            raise Invalid(f"Timezone {timezone} is not valid") from error
    description = fields.text("description", "") or f"Time constraint at {start} lasting for {duration} seconds"
    return {"name": name, "description": description, "start": start, "duration": duration, "timezone": timezone}
