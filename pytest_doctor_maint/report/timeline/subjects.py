"""The row of the picture on which a violation is marked: that of its subject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from pytest_doctor_maint.claims.availability import Service
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Violation

#: The key of a row: what it is about (``compute``, ``project``, ``service`` or ``session``), and its name or id.
Key = tuple[str, str]


class Subjects:
    """The rows by what a violation is about.

    Args:
        index: The index of the history.
        services: The services of the history.
    """

    def __init__(self, index: HistoryIndex, services: Sequence[Service]) -> None:
        self._index = index
        self._outages: dict[tuple[int, ...], Key] = {}
        self._rows: dict[str, Key] = {}
        for session_id in index.sessions:
            self._rows |= dict.fromkeys((session_id, index.name(session_id)), ("session", session_id))
        for project_id in dict.fromkeys(message.project_id for message in index.messages.to_projects):
            self._rows |= dict.fromkeys((project_id, index.name(project_id)), ("project", project_id))
        for service in services:
            key = ("service", service.floating_ip_id)
            self._rows |= {service.address: key}
            self._outages |= {(outage.began.seq, outage.ended.seq): key for outage in service.outages}
        self._rows |= {host: ("compute", host) for host in index.cloud.computes}
        self._keys = frozenset(self._rows.values())
        self._servers: dict[str, list[str]] = defaultdict(list)
        for server_id in index.cloud.servers:
            for name in dict.fromkeys((server_id, index.name(server_id))):
                self._servers[name].append(server_id)

    def row_of(self, violation: Violation) -> Key | None:
        """Return the row of a violation; None if it is about nothing that has a row.

        The violation is about the outage of a service, else about its subject, else about what its latest event is
        about: a group has no row, but the instance whose move was too much is on a compute.
        """
        if (outage := self._outages.get(violation.events)) is not None:
            return outage
        seqs = [seq for seq in violation.events if 1 <= seq <= len(self._index.events)]
        # Two projects may have instances of one name.
        involved = {str(self._index.event(seq).data.get("server_id")) for seq in seqs}
        latest = seqs[-1] if seqs else 0
        parts = (violation.subject, violation.subject.rpartition(" on ")[2], violation.subject.partition(" on ")[0])
        for name in parts:
            if (key := self._rows.get(name) or self._compute_of(name, latest, involved)) is not None:
                return key
        return next((key for seq in reversed(seqs) for key in self._about(seq)), None)

    def row_of_target(self, name: str, seq: int) -> Key | None:
        """Return the row of a compute or a server, by its name, at event ``seq``; None if there is none."""
        return self._rows.get(name) or self._compute_of(name, seq)

    def _compute_of(self, name: str, seq: int, involved: Collection[str] = ()) -> Key | None:
        """Return the row of the compute on which a server was at event ``seq``; of servers of one name, an involved one
        comes first.
        """
        servers = sorted(self._servers.get(name, ()), key=lambda server_id: server_id not in involved)
        return next((key for server_id in servers for key in self._place(server_id, seq)), None)

    def _place(self, server_id: str, seq: int) -> Iterator[Key]:
        track = self._index.cloud.servers.get(server_id)
        if track is None:
            return
        # A server that is deleted, or not scheduled yet, has no host.
        states = reversed(track.during(0, seq))
        host = next((state.data["host"] for state in states if state.data["host"]), None)
        if (key := ("compute", str(host))) in self._keys:
            yield key

    def _about(self, seq: int) -> Iterator[Key]:
        """Yield the rows that an event is about."""
        data = self._index.event(seq).data
        if (host := self._rows.get(str(data.get("host")))) is not None:
            yield host
        yield from self._place(str(data.get("server_id")), seq)
        for name in ("project_id", "session_id"):
            if (key := self._rows.get(str(data.get(name)))) is not None:
                yield key
