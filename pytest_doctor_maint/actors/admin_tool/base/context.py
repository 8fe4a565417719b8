"""The context of a workflow: everything that it works with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from pytest_doctor_maint.actors.admin_tool.base.cloud_view import CloudView
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox
from pytest_doctor_maint.actors.admin_tool.base.moves import Moves
from pytest_doctor_maint.actors.admin_tool.base.session import MaintenanceSession
from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.contract import Notifier
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import Clock


@dataclass(frozen=True, slots=True)
class WorkflowContext:
    """The context of a workflow. A custom workflow may pass a changed copy of it to its base class.

    Attributes:
        session: The session to carry out.
        mailbox: The session's messages and replies.
        clock: All waiting goes through this clock.
        history: The work on computes is recorded here.
        cloud: The requests to OpenStack.
        moves: Moves instances.
        notifier: Emits the notifications.
        settings: The settings of the operator.
        reply_base: Returns the URL below which a project replies, from the id of the project.
        admin_project_id: The id of the project whose alarms messages about computes reach.
        taken: Returns the computes of all sessions that have not ended.
    """

    session: MaintenanceSession
    mailbox: Mailbox
    clock: Clock
    history: History
    cloud: CloudView
    moves: Moves
    notifier: Notifier
    settings: AdminToolSettings
    reply_base: Callable[[str], str]
    admin_project_id: str
    taken: Callable[[], Collection[str]]
