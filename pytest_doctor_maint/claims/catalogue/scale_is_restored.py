"""In the end every project has as many instances as before."""

from __future__ import annotations

from collections import Counter

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(topic=Topic.APPLICATION, source="use case", needs=(kinds.SESSION_CREATED, kinds.SERVER))
def scale_is_restored(index: HistoryIndex) -> Verdict:
    """At run.ended every project has as many servers as when the first session was created.

    Servers that were on a compute when a fault was injected into it may be missing, unless they are redundant.
    """
    end = index.require_end()
    created = next(iter(index.require_sessions().values())).created
    index.require_servers()
    before, after = _count(index, created.seq), _count(index, end.seq)
    lost = Counter(index.cloud.project_of(server_id) for server_id in index.faults.lost_servers)
    violations: list[Violation] = []
    figures: dict[str, Figure] = {}
    for project_id in dict.fromkeys([*before, *after]):
        project = index.name(project_id)
        figures[f"{project}_before"], figures[f"{project}_after"] = before[project_id], after[project_id]
        least, most = before[project_id] - lost[project_id], before[project_id]
        if not least <= after[project_id] <= most:
            allowed = f"{most}" if least == most else f"{least} to {most}"
            violations.append(
                violation(
                    f"{project} has {after[project_id]} servers in the end; allowed: {allowed}", project, created, end
                )
            )
    return scale_is_restored.conclude(
        violations,
        f"{sum(after.values())} servers, as before",
        figures,
        nothing="" if figures else "no project had a server",
    )


def _count(index: HistoryIndex, seq: int) -> Counter[str]:
    """Return the number of servers of each project just before event ``seq``."""
    return Counter(str(state.data["project_id"]) for state in index.cloud.servers_before(seq).values())
