"""The rows of sessions: from the creation of a session to its end, with the states that the admin saw."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.observed import ObservedSession
from pytest_doctor_maint.report.timeline.axis import Axis
from pytest_doctor_maint.report.timeline.drawing import BAR, LANE, Drawing
from pytest_doctor_maint.report.timeline.flags import Flag
from pytest_doctor_maint.report.timeline.row import Row


class SessionRow(Row):
    """The row of a session.

    Args:
        session: The session.
        number: Its number among the sessions, from 1 on.
        index: The index of the history.
        axis: The time axis.
    """

    def __init__(self, session: ObservedSession, number: int, index: HistoryIndex, axis: Axis) -> None:
        count = len(session.hosts)
        super().__init__(
            ("session", session.session_id),
            f"session {number}",
            f"{session.workflow}, {count} compute{'' if count == 1 else 's'}",
        )
        self._session = session
        self._axis = axis
        self._end = (session.deleted or session.done or session.failed or index.last).at
        self.is_troubled = session.failed is not None
        for event in session.states:
            state = str(event.data["state"])
            words = f"the admin saw {state} at {axis.seconds(event.at)}"
            if reason := event.data.get("reason"):
                words += f": {reason}"
            self.flags.append(Flag(axis.x(event.at), state, words, "bad" if event == session.failed else "flag"))

    def draw(self, drawing: Drawing, y: float) -> float:
        """Draw the notice until the maintenance may start, and the maintenance."""
        self._draw(drawing, y, BAR - 4)
        return y + LANE - 4

    def draw_strip(self, drawing: Drawing, y: float, height: float) -> None:
        """Draw the same, less high."""
        self._draw(drawing, y, height)

    def _draw(self, drawing: Drawing, y: float, height: float) -> None:
        axis, session = self._axis, self._session
        created, end = session.created.at, max(self._end, session.created.at)
        start = min(max(session.maintenance_at or created, created), end)
        drawing.bar(axis.x(created), axis.x(start), y, height, "notice", f"{self.label}: before its start")
        drawing.bar(axis.x(start), axis.x(end), y, height, "session", f"{self.label}: until {axis.seconds(end)}")


def session_rows(index: HistoryIndex, axis: Axis) -> list[Row]:
    """Return a row for each session, in the order of their creation."""
    return [SessionRow(session, n, index, axis) for n, session in enumerate(index.sessions.values(), start=1)]
