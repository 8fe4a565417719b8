"""The service behind a floating IP is never down."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_doctor_maint.claims.availability import Service, services
from pytest_doctor_maint.claims.claim import Parameter, Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import NothingToJudge, Verdict, Violation, violation
from pytest_doctor_maint.history import Event, kinds


@claim(
    topic=Topic.APPLICATION,
    source="use case",
    needs=(kinds.SERVER, kinds.FLOATING_IP),
    derived=True,
    parameters={"allowed_outage_s": Parameter(0, "s", "how long one service may be down in the whole run")},
)
def downtime_is_zero(index: HistoryIndex, *, allowed_outage_s: float) -> Verdict:
    """From the moment when the service behind a floating IP is first up it is never down until run.ended.

    The service is up while the floating IP leads to a server whose guest answers. Outages of zero length do not count.
    All outages of one service together may last ``allowed_outage_s`` seconds.
    """
    end = index.require_end()
    found = services(index.events)
    if not found:
        raise NothingToJudge("no floating IP ever led to a server")
    violations = [each for service in found for each in _outages(index, service, end, allowed_outage_s)]
    figures = {
        "longest_outage_s": round(max(service.longest for service in found), 6),
        "total_outage_s": round(sum(service.total for service in found), 6),
        "outages": sum(len(service.outages) for service in found),
        "services": len(found),
    }
    holds = "no downtime" if not figures["outages"] else f"none down for more than {allowed_outage_s:g} s"
    return downtime_is_zero.conclude(violations, f"{len(found)} services, {holds}", figures)


def _outages(index: HistoryIndex, service: Service, end: Event, allowed: float) -> Iterator[Violation]:
    project = index.name(service.project_id)
    if service.first_up is None:
        yield violation(f"the service behind {service.address} was never up; due: up", project, end)
    total = round(service.total, 6)
    if total <= allowed:
        return
    limit = f"{allowed:g} s" + (f" in the whole run, in which it was down for {total:g} s" if allowed else "")
    for outage in service.outages:
        yield violation(
            f"no service behind {service.address} for {outage.seconds:g} s: {outage.reason}; allowed: {limit}",
            project,
            outage.began,
            outage.ended,
        )
