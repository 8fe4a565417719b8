"""Who is to blame for an exception in a run: an actor, the cloud, or nobody that the user named."""

from __future__ import annotations

import traceback
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_doctor_maint.faults import Fault
from pytest_doctor_maint.openstack.calls import cloud_errors
from pytest_doctor_maint.openstack.reasons import chain, reason_of
from pytest_doctor_maint.testbed.errors import (
    ADMIN_TOOL,
    APP_MANAGER,
    INSPECTOR,
    NoAnswer,
    RequestRefused,
    SessionHangs,
)
from pytest_doctor_maint.testbed.result import Trouble
from pytest_doctor_maint.tracebacks import their_traceback

if TYPE_CHECKING:
    from pytest_doctor_maint.testbed.testbed import Testbed

#: The rooms of the actors, by which a thread's or a handler's exception is that of an actor.
_ROOMS = {
    "pytest_doctor_maint.actors.admin_tool.": ADMIN_TOOL,
    "pytest_doctor_maint.actors.app_manager.": APP_MANAGER,
    "pytest_doctor_maint.actors.inspector.": INSPECTOR,
}


def trouble(testbed: Testbed, error: BaseException, thread: str = "") -> Trouble:
    """Return an exception as trouble: with the one who is to blame, and in words.

    Args:
        testbed: The testbed of the run.
        error: The exception.
        thread: The thread or the server that ended with it; empty for the run itself.
    """
    if isinstance(error, KeyboardInterrupt):
        text = str(error)
        return Trouble("", error, f"it was interrupted{text and f' ({text})'}")
    text = _as_given(testbed, str(error))
    if isinstance(error, NoAnswer):
        return Trouble(error.who, error, text)
    if isinstance(error, SessionHangs | RequestRefused):
        return Trouble("", error, text)
    in_thread = f" in the thread {thread}" if thread else ""
    # The cloud that could not be reached tells more than what followed from that.
    if (unreachable := _connect_failure(error)) is not None:
        title = testbed.cloud.title
        return Trouble(title, error, f"{title} does not answer: {reason_of(unreachable)}{in_thread}")
    who = _who(testbed, error)
    text = f"{type(error).__name__}: {text}{in_thread}"
    if not who and isinstance(error, cloud_errors()):
        # The frames are those of libraries.
        return Trouble(testbed.cloud.title, error, text)
    return Trouble(who, error, text, tuple(their_traceback(error)))


def exceptions(testbed: Testbed) -> tuple[Trouble, ...]:
    """Return the exceptions of threads and handlers in a run, each once: with its traceback, and the number of times.

    An exception that the code of the user raised in a handler comes last if it was answered as a refusal. It may be
    meant as one.
    """
    found: dict[tuple[object, ...], Trouble] = {}
    times: Counter[tuple[object, ...]] = Counter()
    for each in (*testbed.failures, *testbed.clock.answered):
        made = trouble(testbed, each.error, each.name)
        key = (made.who, type(made.error), str(made.error), made.tail)
        found.setdefault(key, made)
        times[key] += 1
    return tuple(replace(made, times=times[key]) for key, made in found.items())


def _as_given(testbed: Testbed, text: str) -> str:
    """Return a text with the admin tool's URL as the user gave it, in place of that of the proxy."""
    given = testbed.settings.attached.admin_tool
    return (
        text.strip().replace(testbed.admin_tool.url, given)
        if given and hasattr(testbed, "admin_tool")
        else text.strip()
    )


def _who(testbed: Testbed, error: BaseException) -> str:
    actors = {id(getattr(testbed, "admin_tool", None)): ADMIN_TOOL, id(getattr(testbed, "inspector", None)): INSPECTOR}
    actors.update({id(manager): APP_MANAGER for manager in testbed.app_managers.values()})
    actors.pop(id(None), None)
    settings = testbed.settings
    makers: dict[str, object] = {
        ADMIN_TOOL: settings.make_admin_tool,
        APP_MANAGER: settings.make_app_manager,
        INSPECTOR: settings.make_inspector,
    }
    # The innermost frame of an actor: a method of its own, also while it is being made, or code of its room.
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        caller = frame.f_locals.get("self")
        if isinstance(caller, Fault):
            return f"the fault {caller.name}"
        if (role := actors.get(id(caller))) is not None:
            return testbed.title_of(role)
        if made := [role for role, make in makers.items() if make is type(caller)]:
            return f"the {made[0]} {type(caller).__name__}"
        module = str(frame.f_globals.get("__name__", ""))
        if found := [role for room, role in _ROOMS.items() if module.startswith(room)]:
            return testbed.title_of(found[0])
    return ""


def _connect_failure(error: BaseException) -> BaseException | None:
    """Return the exception of a connection to the cloud that led to ``error``; None if there is none."""
    from keystoneauth1.exceptions import ConnectFailure

    return next((each for each in chain(error) if isinstance(each, ConnectFailure)), None)
