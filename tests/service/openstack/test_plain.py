"""The payload of a notification becomes JSON, on the way out and on the way in."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from pytest_doctor_maint.embedded.aodh.events import traits_of
from pytest_doctor_maint.openstack.listener import _Endpoint
from pytest_doctor_maint.openstack.plain import as_json

NAIVE = datetime(2030, 1, 1, 12, 0, 0, 999999)
EAST = timezone(timedelta(hours=2))
ID = UUID("a2874dde-ead4-4e26-b028-ec048736ffb5")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (NAIVE, "2030-01-01 12:00:00"),
        (NAIVE.replace(tzinfo=UTC), "2030-01-01 12:00:00"),
        (NAIVE.replace(tzinfo=EAST), "2030-01-01 10:00:00"),
        (date(2030, 1, 1), "2030-01-01"),
        (time(12), "12:00:00"),
        (ID, str(ID)),
        (Decimal("1.50"), "1.50"),
        (b"text", "text"),
        ((1, NAIVE), [1, "2030-01-01 12:00:00"]),
        ({"b", "a"}, ["a", "b"]),
        ({"at": [{"deep": NAIVE}], 1: None}, {"at": [{"deep": "2030-01-01 12:00:00"}], "1": None}),
        ("2030-01-01T12:00:00", "2030-01-01T12:00:00"),
        (True, True),
        (1.5, 1.5),
        (None, None),
    ],
)
def test_a_value_as_json(value: object, plain: object) -> None:
    assert as_json(value) == plain
    assert json.loads(json.dumps(as_json(value))) == plain


@pytest.mark.parametrize("value", [object(), {"a": [1j]}, b"\xff"])
def test_what_json_has_no_form_for_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"cannot carry|can't decode"):
        as_json(value)


def test_a_notification_with_a_datetime_is_passed_on() -> None:
    """oslo.messaging's driver ``messaging`` hands over what the admin tool sent, here Fenix's MAINTENANCE."""
    taken: list[tuple[str, object, str | None]] = []
    endpoint = _Endpoint(lambda *notification: taken.append(notification))
    payload = {"state": "MAINTENANCE", "project_id": "p1", "actions_at": NAIVE, "metadata": {"since": NAIVE}}
    endpoint.info(None, "fenix", "maintenance.scheduled", payload, {})
    ((event_type, plain, publisher),) = taken
    assert (event_type, publisher) == ("maintenance.scheduled", "fenix")
    assert isinstance(plain, dict)
    assert ("actions_at", 4, "2030-01-01T12:00:00") in traits_of(plain)


def test_a_notification_that_cannot_be_passed_on_is_told(caplog: pytest.LogCaptureFixture) -> None:
    endpoint = _Endpoint(lambda *notification: pytest.fail(str(notification)))
    with caplog.at_level(logging.WARNING):
        endpoint.info(None, "fenix", "maintenance.scheduled", {"a": object()}, {})
        endpoint.info(None, "fenix", "maintenance.scheduled", [1], {})
    assert [record.getMessage().partition(" is left out: ")[0] for record in caplog.records] == [
        "the notification maintenance.scheduled of fenix"
    ] * 2
