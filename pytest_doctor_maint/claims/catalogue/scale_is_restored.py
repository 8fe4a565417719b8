"""In the end every project has as many instances as before."""

from __future__ import annotations

from collections import Counter

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "scale_is_restored"


def check(history: History) -> Verdict:
    """At run.ended every project has as many servers as when the first session was created. Servers that a compute took
    with it when it was made to fail may be missing, unless they are redundant.
    """
    facts = index_of(history)
    end = facts.end
    created = next(iter(facts.some_sessions.values())).created
    before = Counter(str(state.data["project_id"]) for state in facts.servers_before(created.seq).values())
    after = Counter(str(state.data["project_id"]) for state in facts.servers_before(end.seq).values())
    lost = Counter(facts.project_of(server_id) for server_id in facts.lost)
    violations: list[Violation] = []
    figures: dict[str, Figure] = {}
    for project_id in dict.fromkeys([*before, *after]):
        project = facts.name(project_id)
        figures[f"{project}_before"], figures[f"{project}_after"] = before[project_id], after[project_id]
        least = before[project_id] - lost[project_id]
        if not least <= after[project_id] <= before[project_id]:
            due = f"{before[project_id]}" if least == before[project_id] else f"{least} to {before[project_id]}"
            violations.append(
                violation(f"{project} has {after[project_id]} servers in the end; due: {due}", project, created, end)
            )
    return conclude(CLAIM, violations, f"{sum(after.values())} servers, as before", figures)
