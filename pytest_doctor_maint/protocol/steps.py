"""The steps of a maintenance session, and the words for them.

The use case and Doctor's last release name two steps differently; both spellings are understood.
"""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """A step of the use case, in the use case's own words."""

    MAINTENANCE = "MAINTENANCE"
    DOWN_SCALE = "DOWN_SCALE"
    PREPARE_MAINTENANCE = "PREPARE_MAINTENANCE"
    ADMIN_ACTION_DONE = "ADMIN_ACTION_DONE"
    IN_MAINTENANCE = "IN_MAINTENANCE"
    PLANNED_MAINTENANCE = "PLANNED_MAINTENANCE"
    MAINTENANCE_COMPLETE = "MAINTENANCE_COMPLETE"


class Action(StrEnum):
    """The action for an instance that must leave its compute."""

    MIGRATE = "MIGRATE"
    """A cold migration by the admin tool, which also confirms it."""
    LIVE_MIGRATE = "LIVE_MIGRATE"
    """A live migration by the admin tool."""
    OWN_ACTION = "OWN_ACTION"
    """The project moves the instance or creates it again; the admin tool waits until it has left the compute."""

    @classmethod
    def _missing_(cls, value: object) -> Action | None:
        # The use case writes ``migrate``, Doctor and Fenix MIGRATE.
        word = value.upper() if isinstance(value, str) else ""
        return OTHER_ACTIONS.get(word) or cls.__members__.get(word)


#: The word of Doctor's VNFM for MIGRATE as an instance's ``migration_type``.
OTHER_ACTIONS: dict[str, Action] = {"MIGRATION": Action.MIGRATE}

#: Words of Doctor's last release and of Fenix that differ from the use case's.
OTHER_SPELLINGS = {"SCALE_IN": Step.DOWN_SCALE, "INSTANCE_ACTION_DONE": Step.ADMIN_ACTION_DONE}

#: The steps to which a project must reply.
ANSWERED = (
    Step.MAINTENANCE,
    Step.DOWN_SCALE,
    Step.PREPARE_MAINTENANCE,
    Step.PLANNED_MAINTENANCE,
    Step.MAINTENANCE_COMPLETE,
)

SCHEDULED_EVENT = "maintenance.scheduled"
"""The event type of messages to a project."""
HOST_EVENT = "maintenance.host"
"""The event type of messages about a compute."""
SESSION_EVENT = "maintenance.session"
"""The event type of Fenix's notifications to the admin about the progress of a session."""


def step_of(word: str) -> Step | None:
    """Return the step that `word` names, in either spelling; None if `word` names no step."""
    if word in OTHER_SPELLINGS:
        return OTHER_SPELLINGS[word]
    return Step(word) if word in Step.__members__ else None


def ack(word: str) -> str:
    """Return the reply that agrees to the message `word`."""
    return f"ACK_{word}"


def nack(word: str) -> str:
    """Return the reply that refuses the message `word`."""
    return f"NACK_{word}"
