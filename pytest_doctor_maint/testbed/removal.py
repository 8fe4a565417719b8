"""Leaves a cloud that goes on running as it was, or says what is left on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.openstack.reasons import reason_of, said
from pytest_doctor_maint.openstack.servers import list_servers
from pytest_doctor_maint.printable import printable
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.nesting import read_json
from pytest_doctor_maint.testbed.projects import ProjectAccess, remove_project

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
                outcomes[number] = reason_of(error)

    thread = threading.Thread(target=run, name="removal", daemon=True)
    not_yet = "the removal was interrupted"
    try:
        thread.start()
        thread.join(patience)
        not_yet = f"not within {patience:g} s"
    finally:
        for number, step in enumerate(steps):
            if reason := outcomes.get(number, not_yet):
                sentence = f"{step.what} could not be removed from {cloud}: {reason}; remove it with: {step.command}"
                left.append(printable(sentence))


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


def project_steps(admin: Connection, projects: Iterable[ProjectAccess], *, is_ours: bool) -> list[Step]:
    """Return the steps that remove projects of the run; in the project of an app manager elsewhere they end moves.

    Args:
        admin: A connection with the admin role.
        projects: The projects.
        is_ours: True if the run has made the projects.
    """
    steps = []
    for project in projects:
        if is_ours:
            delete = f"openstack user delete {project.name}; openstack project delete {project.project_id}"
            steps.append(Step(f"the project {project.name}", partial(remove_project, admin, project), delete))
        else:
            confirm = f"openstack server list --project {project.project_id}; openstack server resize confirm ID"
            settle = partial(settle_moves, admin, project.project_id)
            steps.append(Step(f"the moves of instances of the project {project.name}", settle, confirm))
    return steps


def settle_moves(admin: Connection, project_id: str) -> None:
    """Confirm the moves in a project that wait for it: no instance waited when the run began.

    Raises:
        RuntimeError: An instance is still under way; the text names each of them.
        openstack.exceptions.SDKException: Nova refused a request.
    """
    moving = [server for server in list_servers(admin, all_tenants=1, project_id=project_id) if server.is_moving]
    for server in moving:
        if server.status == "VERIFY_RESIZE":
            call(admin.compute, "POST", f"/servers/{server.id}/action", {"confirmResize": None})
    if left := [
        f"{server.name} ({server.id}) is {server.status}" for server in moving if server.status != "VERIFY_RESIZE"
    ]:
        raise RuntimeError(", ".join(left))


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
            raise RuntimeError(f"DELETE is answered with {said(asked)}; GET with {said(seen)}")
        clock.sleep(INTERVAL)


def _enable(admin: Connection, host: str) -> None:
    """Enable a compute that is disabled."""
    for service in call(admin.compute, "GET", "/os-services", binary="nova-compute", host=host)["services"]:
        if service["status"] == "disabled":
            call(admin.compute, "PUT", f"/os-services/{service['id']}", {"status": "enabled"})
