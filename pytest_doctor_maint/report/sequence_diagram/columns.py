"""The columns of the diagram: which actor an event belongs to, and what the actor is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.history import Event, kinds
from pytest_doctor_maint.report.describe import actors_of
from pytest_doctor_maint.report.sequence import ORDER

ADMIN_TOOL, AODH, INSPECTOR, NOVA, NEUTRON = "admin_tool", "aodh", "inspector", "nova", "neutron"
APP_MANAGER = "app_manager"
#: The column of the actors for which there is no room.
OTHERS = "other actors"
#: The most columns: with more of them the names could not be read.
MOST_COLUMNS = 9

_LABELS = {
    "admin": "admin",
    ADMIN_TOOL: "admin tool",
    AODH: "Aodh",
    APP_MANAGER: "app manager",
    INSPECTOR: "Inspector",
    NOVA: "Nova",
    NEUTRON: "Neutron",
    "nemesis": "faults",
    "harness": "test run",
}
#: Who did what an observer of the cloud has recorded.
_OBSERVED = {
    kinds.FLOATING_IP: NEUTRON,
    kinds.ALARM_CREATED: AODH,
    kinds.ALARM_DELETED: AODH,
    **dict.fromkeys((kinds.COMPUTE, kinds.SERVER, kinds.GUEST, kinds.SERVER_GROUP), NOVA),
}


class Actors:
    """The actors of a run, each with the key of its column. Each project has an app manager of its own.

    Args:
        index: The index of the history.
        names: Names by id, as :func:`~pytest_doctor_maint.report.describe.names_of` returns them.
    """

    def __init__(self, index: HistoryIndex, names: Mapping[str, str]) -> None:
        self._names = names
        started = index.of(kinds.RUN_STARTED)
        self._projects = {str(key): str(name) for key, name in started[0].data["projects"].items()} if started else {}

    def app_manager(self, project_id: object) -> str:
        """Return the column of the app manager of a project."""
        return f"{APP_MANAGER}/{project_id}"

    def ends(self, event: Event) -> tuple[str, ...]:
        """Return the column of the source of an event and, if it goes to another actor, that of its target."""
        return tuple(self._column(end, event) for end in actors_of(event))

    def _column(self, end: str, event: Event) -> str:
        if end == "observer":
            return _OBSERVED.get(event.kind, end)
        if end != APP_MANAGER:
            return end
        # The name in `app_manager/NAME` is that of the project.
        named = event.actor.partition("/")[2]
        by_name = [key for key, name in self._projects.items() if name == named]
        told = event.data.get("subscriber_id") or event.data.get("project_id")
        known = [*by_name, *([told] if told else []), *self._projects]
        return self.app_manager(known[0]) if by_name or told or len(self._projects) == 1 else end

    def label(self, column: str) -> tuple[str, str]:
        """Return what is written at the head of a column: the role, and the project or nothing."""
        role, _, project = column.partition("/")
        return _LABELS.get(role, role), self._names.get(project, project)


def arranged(columns: Iterable[str]) -> list[str]:
    """Return the columns from left to right: known actors in the order of the use case, others as they appear."""
    order = {actor: place for place, actor in enumerate(ORDER)}
    found = sorted(dict.fromkeys(columns), key=lambda column: order.get(column.partition("/")[0], len(order)))
    return found if len(found) <= MOST_COLUMNS else [*found[: MOST_COLUMNS - 1], OTHERS]
