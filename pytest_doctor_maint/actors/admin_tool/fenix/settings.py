"""The settings of Fenix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.protocol import FENIX, FENIX_REPLY, FENIX_SCALE_IN_REPLY, Dialect, Step

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionPlugin

#: The number of sessions that Fenix allows at a time.
MAX_SESSIONS = 3


@dataclass(frozen=True, slots=True)
class FenixSettings(AdminToolSettings):
    """The settings of an operator, with Fenix's names.

    Attributes:
        project_maintenance_reply: Seconds in which a project must reply to MAINTENANCE, PREPARE_MAINTENANCE and
            PLANNED_MAINTENANCE.
        project_scale_in_reply: Seconds in which a project must reply to SCALE_IN and MAINTENANCE_COMPLETE.
        max_sessions: The number of sessions that there may be at a time.
        plugins: Action plug-ins by name, in addition to those that entry points and import paths name.
    """

    dialect: Dialect = FENIX
    project_maintenance_reply: float = FENIX_REPLY
    project_scale_in_reply: float = FENIX_SCALE_IN_REPLY
    max_sessions: int = MAX_SESSIONS
    plugins: Mapping[str, type[ActionPlugin]] = field(default_factory=dict)

    @property
    def all_windows(self) -> Mapping[Step, float]:
        """The seconds in which a project must reply to each step that has a window."""
        reply, scale_in = self.project_maintenance_reply, self.project_scale_in_reply
        named = {
            Step.MAINTENANCE: reply,
            Step.DOWN_SCALE: scale_in,
            Step.PREPARE_MAINTENANCE: reply,
            Step.PLANNED_MAINTENANCE: reply,
            Step.MAINTENANCE_COMPLETE: scale_in,
        }
        return {**self.dialect.windows, **named, **self.windows}
