"""In the end every compute is in use."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "services_are_back_in_the_end"


def check(history: History) -> Verdict:
    """At run.ended every nova-compute is enabled and up and not forced down. A compute that was made to fail and not
    mended need not be up, but it is enabled again.
    """
    facts = index_of(history)
    end = facts.end
    if not facts.computes:
        raise CannotTell("the history has no compute")
    violations: list[Violation] = []
    for host, track in facts.computes.items():
        data = track.last.data
        wrong = [str(data["status"])] if data["status"] != "enabled" else []
        if host not in facts.broken_hosts:
            wrong += [str(data["state"])] if data["state"] != "up" else []
            wrong += ["forced down"] if data["forced_down"] else []
        if wrong:
            message = f"nova-compute on {host} is {' and '.join(wrong)} in the end; due: enabled and up"
            violations.append(violation(message, host, track.last, end))
    count = len(facts.computes)
    return conclude(CLAIM, violations, f"{count} computes, all enabled and up", {"computes": count})
