"""Which actors of a run are elsewhere, and what therefore is not recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_doctor_maint.history import kinds


@dataclass(frozen=True, slots=True)
class Attached:
    """The actors that run elsewhere, by their URLs; empty for the actors that run here.

    Attributes:
        admin_tool: The URL below which the admin tool's API is served.
        app_manager: The URL at which the app manager takes alarms.
        inspector: The URL at which the Inspector takes alarms.
        app_manager_project: The name of the project in which the app manager elsewhere has its application.
    """

    admin_tool: str = ""
    # The URLs may hold secrets.
    app_manager: str = field(default="", repr=False)
    inspector: str = field(default="", repr=False)
    app_manager_project: str = "doctor"

    @property
    def unseen(self) -> tuple[str, ...]:
        """What is not recorded, as ``run.started`` lists it: kinds of events, and ``windows``, the reply windows of the
        admin tool.
        """
        found: list[str] = []
        if self.admin_tool:
            found += [kinds.HOST_WORK, "windows"]
        if self.admin_tool and self.app_manager:
            # Requests between these two actors. If one of them runs here, they are recorded there.
            found += [kinds.REPLY, kinds.REPLY_REFUSED, kinds.CONSTRAINT_INSTANCE]
        if self.inspector:
            found += [kinds.HOST_FAILURE, kinds.FAULT_MANAGEMENT]
        return tuple(found)
