"""Who is to blame for an exception in a run: an actor, the cloud, or nobody that the user named."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_doctor_maint.testbed.errors import ADMIN_TOOL, APP_MANAGER, INSPECTOR, NoAnswer, SessionHangs
from pytest_doctor_maint.testbed.result import Trouble

if TYPE_CHECKING:
    from pytest_doctor_maint.testbed.testbed import Testbed

#: The number of the innermost frames of a traceback that are shown.
FRAMES = 3
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
    # The cloud that could not be reached tells more than what followed from that.
    shown = _connect_failure(error) or error
    text = str(shown).strip()
    if testbed.settings.attached.admin_tool and hasattr(testbed, "admin_tool"):
        text = text.replace(testbed.admin_tool.url, testbed.settings.attached.admin_tool)
    if isinstance(error, NoAnswer):
        return Trouble(error.who, error, text)
    if isinstance(error, SessionHangs):
        return Trouble("", error, text)
    if isinstance(error, KeyboardInterrupt):
        return Trouble("", error, f"it was interrupted{text and f' ({text})'}")
    tail = tuple(line.rstrip() for line in traceback.format_tb(error.__traceback__)[-FRAMES:])
    in_thread = f" in the thread {thread}" if thread else ""
    return Trouble(_who(testbed, error), error, f"{type(shown).__name__}: {text}{in_thread}", tail)


def _who(testbed: Testbed, error: BaseException) -> str:
    if _connect_failure(error) is not None:
        return testbed.cloud.title
    actors = {id(getattr(testbed, "admin_tool", None)): ADMIN_TOOL, id(getattr(testbed, "inspector", None)): INSPECTOR}
    actors.update({id(manager): APP_MANAGER for manager in testbed.app_managers.values()})
    actors.pop(id(None), None)
    # The innermost frame of an actor: a method of its own, or code of its room.
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        if (role := actors.get(id(frame.f_locals.get("self")))) is not None:
            return testbed.title_of(role)
        module = str(frame.f_globals.get("__name__", ""))
        if found := [role for room, role in _ROOMS.items() if module.startswith(room)]:
            return testbed.title_of(found[0])
    return ""


def _connect_failure(error: BaseException) -> BaseException | None:
    """Return the exception of a connection to the cloud that led to ``error``; None if there is none."""
    from keystoneauth1.exceptions import ConnectFailure

    return next((each for each in _chain(error) if isinstance(each, ConnectFailure)), None)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that led to it."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or following.__context__
