"""Leaves a cloud that goes on running as it was, or says what is left on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.nesting import read_json

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Real seconds for the removal after a run that broke off, and after any other run.
BROKEN_PATIENCE, PATIENCE = 60.0, 900.0
#: Real seconds for the end of one session, between two attempts to end it, and for one request.
SESSION_PATIENCE, INTERVAL, REQUEST_PATIENCE = 20.0, 0.5, 10.0
ENDED = ("MAINTENANCE_DONE", "MAINTENANCE_FAILED")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to remove.

    Attributes:
        what: The thing, in words.
        remove: Removes it.
        command: The command by which a person removes it.
    """

    what: str
    remove: Callable[[], object]
    command: str


def remove(steps: Sequence[Step], cloud: str, left: list[str], *, patience: float) -> None:
    """Remove things in their order.

    It is done in a thread, so that a service that hangs, or a second interrupt, cannot keep the run: what is not
    removed by then is left.

    Args:
        steps: What to remove.
        cloud: The name of the cloud.
        left: Gets a sentence for each thing that is left, with the command that removes it.
        patience: Real seconds for all steps.
    """
    outcomes: dict[int, str] = {}

    def run() -> None:
        for number, step in enumerate(steps):
            try:
                step.remove()
                outcomes[number] = ""
            except Exception as error:
                outcomes[number] = str(error).strip() or type(error).__name__

    thread = threading.Thread(target=run, name="removal", daemon=True)
    thread.start()
    try:
        thread.join(patience)
    finally:
        for number, step in enumerate(steps):
            if reason := outcomes.get(number, f"not within {patience:g} s"):
                left.append(f"{step.what} could not be removed from {cloud}: {reason}; remove it with: {step.command}")


def session_steps(
    admin: Connection, clock: Clock, url: str, begun: Iterable[str], maintained: Iterable[str]
) -> list[Step]:
    """Return the steps that end sessions, and enable the computes that are disabled by then.

    Every compute was enabled before the run: what is disabled now was disabled by its maintenance. An admin tool may
    also leave computes disabled whose session has ended.

    Args:
        admin: A connection with the admin role.
        clock: The clock on which to wait.
        url: The URL of an admin tool elsewhere; empty for one in this process, whose sessions end with it.
        begun: The sessions that were not deleted, by their paths below the admin tool's API.
        maintained: The computes of all sessions of the run.
    """
    steps = []
    for path in begun if url else ():
        command = f'curl -X DELETE -H "X-Auth-Token: $(openstack token issue -f value -c id)" {url.rstrip("/")}{path}'
        end = partial(_end_session, admin, clock, f"{url.rstrip('/')}{path}")
        steps.append(Step(f"the session {path.rpartition('/')[2]} of the admin tool at {url}", end, command))
    for host in dict.fromkeys(maintained):
        command = f"openstack compute service set --enable {host} nova-compute"
        steps.append(Step(f"the maintenance of {host}", partial(_enable, admin, host), command))
    return steps


def _end_session(admin: Connection, clock: Clock, url: str) -> None:
    """Delete a session and wait until it is gone or has ended.

    Some admin tools answer 500 for a session that they do not have. It is gone when one has taken a DELETE before.

    Raises:
        RuntimeError: It is still there after :data:`SESSION_PATIENCE` seconds; the text has the last answer.
        keystoneauth1.exceptions.ClientException: The admin tool does not answer.
    """
    end = monotonic() + SESSION_PATIENCE
    is_deleted = False
    while True:
        asked = admin.session.request(url, "DELETE", raise_exc=False, timeout=REQUEST_PATIENCE)
        seen = admin.session.request(url, "GET", raise_exc=False, timeout=REQUEST_PATIENCE)
        is_deleted = is_deleted or asked.ok
        if seen.status_code == 404 or (is_deleted and seen.status_code == 500):
            return
        state = read_json(seen.content)
        if asked.ok and isinstance(state, Mapping) and str(state.get("state")) in ENDED:
            return
        if monotonic() > end:
            raise RuntimeError(f"DELETE is answered with {asked.status_code}: {asked.text}; GET with {seen.text}")
        clock.sleep(INTERVAL)


def _enable(admin: Connection, host: str) -> None:
    """Enable a compute that is disabled."""
    for service in call(admin.compute, "GET", "/os-services", binary="nova-compute", host=host)["services"]:
        if service["status"] == "disabled":
            call(admin.compute, "PUT", f"/os-services/{service['id']}", {"status": "enabled"})
