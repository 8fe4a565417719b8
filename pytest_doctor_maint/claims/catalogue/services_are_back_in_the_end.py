"""In the end every compute is in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.claims.claim import Topic, claim
from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.verdict import CannotTell, Verdict, Violation, violation
from pytest_doctor_maint.history import kinds


@claim(topic=Topic.COMPUTES, source="use case", needs=(kinds.COMPUTE,))
def services_are_back_in_the_end(index: HistoryIndex) -> Verdict:
    """At run.ended every nova-compute is enabled, up and not forced down.

    A compute with an injected fault that did not end need not be up, but must be enabled.
    """
    end = index.require_end()
    if not index.cloud.computes:
        raise CannotTell("the history has no compute")
    violations: list[Violation] = []
    for host, track in index.cloud.computes.items():
        must_be_up = host not in index.faults.open_hosts
        if wrong := _wrong(track.last.data, must_be_up):
            due = "enabled and up" if must_be_up else "enabled"
            violations.append(
                violation(
                    f"nova-compute on {host} is {' and '.join(wrong)} in the end; due: {due}", host, track.last, end
                )
            )
    count = len(index.cloud.computes)
    return services_are_back_in_the_end.conclude(
        violations, f"{count} computes, all enabled and up", {"computes": count}
    )


def _wrong(compute: Mapping[str, Any], must_be_up: bool) -> list[str]:
    wrong = [str(compute["status"])] if compute["status"] != "enabled" else []
    if must_be_up:
        wrong += [str(compute["state"])] if compute["state"] != "up" else []
        wrong += ["forced down"] if compute["forced_down"] else []
    return wrong
