"""The verdicts of a run as JSON."""

from __future__ import annotations

import json

from pytest_doctor_maint.claims import Judgement, Outcome
from pytest_doctor_maint.history import timestamp
from pytest_doctor_maint.history.event import DELETE


def to_json(judgement: Judgement) -> str:
    """Return the verdicts as a JSON document in printable ASCII.

    It has the outcome of all, the number of claims with each outcome, then each claim with its violations and figures.
    """
    return json.dumps(
        {
            "outcome": judgement.outcome.value,
            "counts": {outcome.value: len(judgement.with_outcome(outcome)) for outcome in Outcome},
            "verdicts": [
                {
                    "claim": verdict.claim,
                    "outcome": verdict.outcome.value,
                    "summary": verdict.summary,
                    "figures": dict(verdict.figures),
                    "violations": [
                        {
                            "message": violation.message,
                            "subject": violation.subject,
                            "at": timestamp(violation.at),
                            "events": list(violation.events),
                        }
                        for violation in verdict.violations
                    ],
                }
                for verdict in judgement.verdicts
            ],
        },
        indent=2,
    ).replace(DELETE, "\\u007f")
