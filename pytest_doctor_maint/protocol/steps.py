"""The steps of a maintenance session, and the words for them.

The use case and Doctor's last release name two steps differently; whoever listens understands both spellings.
"""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """A step of the use case, in its own words."""

    MAINTENANCE = "MAINTENANCE"
    DOWN_SCALE = "DOWN_SCALE"
    PREPARE_MAINTENANCE = "PREPARE_MAINTENANCE"
    ADMIN_ACTION_DONE = "ADMIN_ACTION_DONE"
    IN_MAINTENANCE = "IN_MAINTENANCE"
    PLANNED_MAINTENANCE = "PLANNED_MAINTENANCE"
    MAINTENANCE_COMPLETE = "MAINTENANCE_COMPLETE"


class Action(StrEnum):
    """What may be done with an instance that must leave its compute."""

    MIGRATE = "MIGRATE"
    """A cold migration by the admin tool, then its confirmation."""
    LIVE_MIGRATE = "LIVE_MIGRATE"
    """A live migration by the admin tool."""
    OWN_ACTION = "OWN_ACTION"
    """The project moves or re-creates the instance itself; the admin tool waits until it has left the compute."""

    @classmethod
    def _missing_(cls, value: object) -> Action | None:
        # The use case writes ``migrate``, Doctor and Fenix MIGRATE.
        word = value.upper() if isinstance(value, str) else ""
        return OTHER_ACTIONS.get(word) or cls.__members__.get(word)


#: What Doctor's VNFM writes for MIGRATE as an instance's ``migration_type``. Whoever listens understands it.
OTHER_ACTIONS: dict[str, Action] = {"MIGRATION": Action.MIGRATE}

#: Words of Doctor's last release and of Fenix that differ from the use case's.
OTHER_SPELLINGS = {"SCALE_IN": Step.DOWN_SCALE, "INSTANCE_ACTION_DONE": Step.ADMIN_ACTION_DONE}

#: The steps that a project must answer.
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
"""The event type of Fenix's messages to the admin about a session's progress."""


def step_of(word: str) -> Step | None:
    """The step that ``word`` names in either spelling; None when it names none."""
    if word in OTHER_SPELLINGS:
        return OTHER_SPELLINGS[word]
    return Step(word) if word in Step.__members__ else None


def ack(word: str) -> str:
    """The answer that agrees to the message ``word``."""
    return f"ACK_{word}"


def nack(word: str) -> str:
    """The answer that refuses the message ``word``."""
    return f"NACK_{word}"
