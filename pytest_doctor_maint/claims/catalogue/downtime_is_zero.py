"""The service behind the floating IP never fails."""

from __future__ import annotations

from pytest_doctor_maint.claims.availability import services
from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, conclude, violation
from pytest_doctor_maint.history import History

CLAIM = "downtime_is_zero"


def check(history: History) -> Verdict:
    """From the moment when a floating IP's service is first up until run.ended it is never down: the floating IP always
    leads to a server whose guest answers. Times without length do not count.
    """
    facts = index_of(history)
    end = facts.end
    found = services(facts.events)
    if not found:
        raise CannotTell("no floating IP ever led to a server")
    violations: list[Violation] = []
    for service in found:
        project = facts.name(service.project_id)
        if service.first_up is None:
            violations.append(violation(f"the service behind {service.address} was never up", project, end))
        for outage in service.outages:
            violations.append(
                violation(
                    f"no service behind {service.address} for {outage.seconds:g} s: {outage.reason}; allowed: 0 s",
                    project,
                    outage.began,
                    outage.ended,
                )
            )
    longest = round(max(service.longest for service in found), 6)
    total = round(sum(service.total for service in found), 6)
    figures = {
        "longest_outage_s": longest,
        "total_outage_s": total,
        "outages": sum(len(service.outages) for service in found),
        "services": len(found),
    }
    return conclude(CLAIM, violations, f"{len(found)} services, no downtime", figures)
