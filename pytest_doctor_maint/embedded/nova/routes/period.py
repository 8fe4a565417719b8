"""The query parameters ``changes-since`` and ``changes-before`` of listings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.instance_actions import InstanceAction
from pytest_doctor_maint.embedded.nova.migration import Migration
from pytest_doctor_maint.embedded.nova.schema_types import one
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.embedded.nova.values import moment

_TIME = one({"type": "string", "format": "date-time"})
SINCE = {"changes-since": _TIME}
PERIOD_2_66 = {**SINCE, "changes-before": _TIME}

Item = TypeVar("Item", Migration, InstanceAction)


def in_period(request: NovaRequest, items: Sequence[Item]) -> list[Item]:
    """Return the items that changed in the period that a request asks for.

    Raises:
        Invalid: The period ends before it begins.
    """
    args = request.args
    since = moment(args["changes-since"]) if "changes-since" in args else None
    before = moment(args["changes-before"]) if "changes-before" in args and request.version >= (2, 66) else None
    if since is not None and before is not None and before < since:
        raise Invalid("The value of changes-since must be less than or equal to changes-before.")
    return [
        item
        for item in items
        if (since is None or item.updated_at >= since) and (before is None or item.updated_at <= before)
    ]
