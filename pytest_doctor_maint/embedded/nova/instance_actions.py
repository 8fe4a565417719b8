"""Instance actions: the operations that were requested for a server, as ``os-instance-actions`` lists them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class ActionEvent:
    """One event of an instance action.

    Attributes:
        name: Nova's name of the event (``compute_resize_instance``).
        host: The compute on which it happens, or None.
        result: ``Success`` or ``Error``; None while it goes on.
        traceback: The error, if it failed.
    """

    name: str
    started_at: datetime
    host: str | None = None
    finished_at: datetime | None = None
    result: str | None = None
    traceback: str | None = None


@dataclass(slots=True)
class InstanceAction:
    """An operation that was requested for a server, and its result.

    Attributes:
        action: Nova's name in ``os-instance-actions`` (``live-migration``).
        verb: The word of the API request (``os-migrateLive``), for the recorder.
        project_id: The caller's project.
        message: ``Error`` if the action failed.
        is_admin_elsewhere: True if the caller has the admin role in another project than the cloud's project ``admin``.
    """

    action: str
    verb: str
    request_id: str
    user_id: str
    project_id: str
    started_at: datetime
    updated_at: datetime
    message: str | None = None
    events: list[ActionEvent] = field(default_factory=list)
    is_admin_elsewhere: bool = False
