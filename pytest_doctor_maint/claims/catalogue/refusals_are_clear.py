"""What the admin tool does not take it refuses in a way that says whose fault it is."""

from __future__ import annotations

from pytest_doctor_maint.claims.index.index import index_of
from pytest_doctor_maint.claims.verdict import Verdict, conclude, violation
from pytest_doctor_maint.history import History, kinds

CLAIM = "refusals_are_clear"
#: Fenix's status for "too many sessions".
BUSY = 509


def check(history: History) -> Verdict:
    """Whatever a client sends, the admin tool does not break upon it: no session and no answer is refused with a status
    of 500 and above, but for Fenix's 509 (too many sessions), and each refusal says why.
    """
    facts = index_of(history)
    _ = facts.some_sessions
    refusals = [*facts.of(kinds.REPLY_REFUSED), *facts.of(kinds.SESSION_REFUSED)]
    violations = []
    for event in refusals:
        what = "an answer" if event.kind == kinds.REPLY_REFUSED else "a session"
        status = int(event.data["status"])
        shown = [event] if event.cause is None else [facts.event(event.cause), event]
        if status >= 500 and not (status == BUSY and event.kind == kinds.SESSION_REFUSED):
            message = f"the admin tool broke upon {what}: it answered {status}; allowed: 400 to 499"
            violations.append(violation(message, "the admin tool", *shown))
        elif not event.data["error"]:
            message = f"the admin tool refused {what} with {status} and did not say why"
            violations.append(violation(message, "the admin tool", *shown))
    return conclude(CLAIM, violations, f"{len(refusals)} refusals, each clear", {"refusals": len(refusals)})
