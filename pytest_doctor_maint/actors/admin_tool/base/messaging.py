"""The messages of a workflow, and the wait for the replies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pytest_doctor_maint.actors.admin_tool.base.context import WorkflowContext
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Message
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.protocol import HOST_EVENT, SCHEDULED_EVENT, Action, Reply, Step, to_wire


class Messaging:
    """The part of a workflow that sends messages to projects and about computes, and waits for replies.

    Args:
        context: The context of the workflow.

    Attributes:
        context: That context.
        session: The session; the workflow keeps its state up to date.
        mailbox: The session's messages and replies.
        clock: All waiting goes through this clock.
        settings: The settings of the operator.
    """

    def __init__(self, context: WorkflowContext) -> None:
        self.context = context
        self.session = context.session
        self.mailbox = context.mailbox
        self.clock = context.clock
        self.settings = context.settings

    def enter(self, state: str) -> None:
        """Set the session's state, as the admin reads it."""
        self.session.state = state

    def word(self, step: Step) -> str:
        """Return the word for `step` in the admin tool's dialect."""
        return self.settings.dialect.word(step)

    def ask(
        self,
        step: Step,
        instances: Sequence[Instance],
        *,
        projects: Iterable[str] | None = None,
        due: datetime | None = None,
        actions_at: datetime | None = None,
        allowed: tuple[Action, ...] = (),
    ) -> tuple[dict[str, Reply], datetime]:
        """Send the message `step` to projects, and wait until all of them have agreed.

        Args:
            step: The step.
            instances: The instances that the message is about.
            projects: The ids of the projects; those of `instances` when left out.
            due: The time at which the replies are due (UTC); :meth:`reply_due` when left out.
            actions_at: The time at which the admin tool acts (UTC); it acts as soon as all have agreed when left out.
            allowed: The actions that the projects may choose.

        Returns:
            The replies by project id, and the time at which they were due.

        Raises:
            SessionFailed: A project did not agree in time.
        """
        self.mailbox.check()
        word = self.word(step)
        self.enter(word)
        due = due or self.reply_due(step)
        messages = []
        for project in sorted(projects or {instance.project_id for instance in instances}):
            theirs = tuple(instance.instance_id for instance in instances if instance.project_id == project)
            message = Message(project, word, due, theirs, allowed)
            self.mailbox.post(message)
            messages.append(message)
            self.send(
                project,
                step,
                instance_ids=self.reply_url(project),
                allowed=allowed,
                due=due,
                actions_at=actions_at or due,
            )
        return self.wait_for_replies(messages), due

    def wait_for_replies(self, messages: Sequence[Message]) -> dict[str, Reply]:
        """Wait until every one of `messages` is agreed to; return the replies by project id.

        Raises:
            SessionFailed: A project did not agree in time.
        """
        return self.mailbox.wait(messages)

    def report_done(self, instance: Instance) -> None:
        """Report to the instance's project that the admin tool has moved the instance."""
        self.send(instance.project_id, Step.ADMIN_ACTION_DONE, instance_ids=[instance.instance_id])

    def send(
        self,
        project: str,
        step: Step,
        *,
        instance_ids: str | list[str],
        allowed: tuple[Action, ...] = (),
        due: datetime | None = None,
        actions_at: datetime | None = None,
        instance_id: str = "",
    ) -> None:
        """Emit a message to a project.

        Args:
            project: The project's id.
            step: The step.
            instance_ids: The ids of the instances that the message is about, or the URL at which they can be read.
            allowed: The actions that the project may choose.
            due: The time at which the reply is due (UTC); None for a message that needs no reply.
            actions_at: The time at which the admin tool acts (UTC).
            instance_id: The instance, when the reply is about this instance alone.

        Raises:
            NotificationLost: The message could not be emitted.
        """
        self.context.notifier.emit(
            SCHEDULED_EVENT,
            {
                "session_id": self.session.session_id,
                "project_id": project,
                "state": self.word(step),
                "instance_ids": instance_ids,
                "allowed_actions": [action.value for action in allowed],
                "actions_at": None if actions_at is None else to_wire(actions_at),
                "reply_at": None if due is None else to_wire(due),
                "reply_url": self.reply_url(project, instance_id),
                "metadata": dict(self.session.request.metadata) if due is not None else {},
            },
        )

    def send_host_message(self, host: str, step: Step) -> None:
        """Emit a message about a compute: IN_MAINTENANCE or MAINTENANCE_COMPLETE.

        Raises:
            NotificationLost: The message could not be emitted.
        """
        self.context.notifier.emit(
            HOST_EVENT,
            {
                "session_id": self.session.session_id,
                "project_id": self.context.admin_project_id,
                "host": host,
                "state": self.word(step),
            },
        )

    def reply_url(self, project: str, instance_id: str = "") -> str:
        """Return the URL for a project's replies, or for its reply about `instance_id` alone."""
        url = f"{self.context.reply_base(project)}/maintenance/{self.session.session_id}/{project}"
        return f"{url}/{instance_id}" if instance_id else url

    def reply_due(self, step: Step) -> datetime:
        """Return the time at which the reply to a message that is sent now is due (UTC, whole seconds)."""
        return next_second(self.clock.now() + timedelta(seconds=self.settings.window(step)))


def next_second(moment: datetime) -> datetime:
    """Return `moment` rounded up to whole seconds.

    Times on the wire have whole seconds, and a window must not become shorter.
    """
    return moment if not moment.microsecond else moment.replace(microsecond=0) + timedelta(seconds=1)
