"""What could not be observed of a run whose cloud or actors are elsewhere."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.events import EventIndex
from pytest_doctor_maint.claims.index.messages import MessageIndex
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import HOST_EVENT, Step

#: The windows to which the admin tool was set. ``run.started`` lists them as unseen if the admin tool is elsewhere.
WINDOWS = "windows"
#: The messages about computes.
HOST_MESSAGES = HOST_EVENT


def is_observed(events: EventIndex) -> bool:
    """Return True if the cloud was observed from outside."""
    started = events.of(kinds.RUN_STARTED)
    return bool(started) and started[0].data.get("observed_every") is not None


def unseen_in(events: EventIndex, messages: MessageIndex) -> frozenset[str]:
    """Return what could not be observed: kinds of events, :data:`WINDOWS` and :data:`HOST_MESSAGES`.

    The messages of an admin tool elsewhere are seen where they arrive, so a message to a project that does not exist is
    seen nowhere. So messages about computes are unseen if the history has none although computes were maintained.
    """
    if not is_observed(events):
        return frozenset()
    # No guest is asked from outside: events about guests are derived from the states of their servers.
    listed = frozenset(str(item) for item in events.run.get("unseen", ())) | {kinds.GUEST}
    if WINDOWS not in listed or messages.about_hosts:
        return listed
    is_done = any(event.data["state"] == "MAINTENANCE_DONE" for event in events.of(kinds.SESSION_STATE))
    is_planned = any(message.step is Step.PLANNED_MAINTENANCE for message in messages.to_projects)
    return listed | {HOST_MESSAGES} if is_done or is_planned else listed
