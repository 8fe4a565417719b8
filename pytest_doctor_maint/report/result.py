"""The result of a run of pytest as one JSON document, for a gate: ``--maint-result``.

The models are the published schema (``doctor-maint result-schema``). A field is never removed and never changes its
meaning within one :data:`FORMAT`; readers ignore fields that they do not know.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pytest_doctor_maint.claims import Judgement
from pytest_doctor_maint.history import History, kinds, timestamp
from pytest_doctor_maint.printable import LONGEST_LINE, shortened
from pytest_doctor_maint.report.gate import CaseOutcome, GateVerdict
from pytest_doctor_maint.report.summary import RunProperties
from pytest_doctor_maint.secret_keys import without_logins, without_url_secrets

#: The version of the format of the document.
FORMAT = 1


def plain(value: object) -> object:
    """Return a text as one printable line without the secrets of URLs; any other value as it is."""
    return shortened(without_logins(without_url_secrets(value)), LONGEST_LINE) if isinstance(value, str) else value


def _finite(value: object) -> object:
    """Return a number that JSON does not have as text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


#: A text that others chose.
Text = Annotated[str, BeforeValidator(plain)]
Figure = Annotated[float | int | Text, BeforeValidator(_finite)]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True, use_attribute_docstrings=True, json_schema_serialization_defaults_required=True
    )


class EffectiveSetting(_Model):
    """A setting that a test ran with."""

    value: Text
    """The value as the header of the report shows it; ``***`` for a secret."""
    source: Text
    """Where the value comes from: an option, a marker, an ini file, a variable of the environment, or the default."""


class JudgedClaim(_Model):
    """The verdict of one claim on a run."""

    claim: Text
    outcome: str
    """``holds``, ``violated``, ``unknown`` or ``not applicable``."""
    summary: Text
    """The finding in one sentence."""
    expected: bool = False
    """True if the test demands that the claim is violated."""
    violations: int = 0
    """The number of breaches."""
    figures: dict[str, Figure] = {}
    """What was counted or measured; the names of figures in seconds end in ``_s``."""


class ActorVersion(_Model):
    """An actor of a run."""

    name: Text
    """Its name; ``remote`` for one that is given by its URL."""
    distribution: Text | None = None
    """The distribution that has it. Null: it runs elsewhere, so that its version is not known."""
    version: Text | None = None
    """The version of the distribution."""


class JudgedRun(_Model):
    """One maintenance run, carried out and judged."""

    outcome: str
    """The outcome of all claims together."""
    broke_off: bool
    """True if the run broke off before its end."""
    seed: int | None
    """The seed; null if the run did not start."""
    computes: int
    """The number of computes."""
    repeat: Text
    """The command that runs the test again."""
    history: Text | None
    """The file of the history; null if it is not saved."""
    began: Text | None
    """When the run began on the clock of the machine, in UTC (ISO 8601)."""
    wall_seconds: float
    """The duration on the clock of the machine."""
    simulated_seconds: float
    """The duration on the clock of the run, which is that of the machine on a cloud of clouds.yaml."""
    requests: int
    """The number of HTTP requests."""
    actors: dict[str, ActorVersion]
    """The actors by their roles: ``admin_tool``, ``app_manager``, ``inspector``."""
    settings: dict[str, EffectiveSetting]
    """The effective settings by their keywords."""
    failed: list[Text]
    """The names of the claims whose outcome is not the expected one."""
    claims: list[JudgedClaim]
    """The claims in the order in which they were judged."""


class Attempt(_Model):
    """One attempt at a test. There are several where a plugin repeats tests that fail."""

    outcome: CaseOutcome
    reason: Text = ""
    """Why the attempt did not pass; empty if it passed."""
    wall_seconds: float = 0.0
    """The duration of set-up, test and tear-down on the clock of the machine."""
    worker: Text | None = None
    """The worker of pytest-xdist; null without workers."""
    runs: list[JudgedRun] = []
    """The maintenance runs of the attempt."""


class CaseResult(_Model):
    """One test."""

    nodeid: Text
    maintenance: bool
    """True if the test is a maintenance test. The document has every test of the run of pytest."""
    outcome: CaseOutcome
    """The outcome of the last attempt."""
    reason: Text = ""
    """Why the last attempt did not pass."""
    attempts: list[Attempt]


class Push(_Model):
    """The push of the result to a TestAPI (``TEST_DB_URL``). It has no influence on the verdict."""

    pushed: bool
    place: Text
    """Where to, without any user, password, path or query."""
    reason: Text = ""
    """Why the push failed."""


class ResultDocument(_Model):
    """The result of one run of pytest."""

    format: int = FORMAT
    """The version of this format."""
    verdict: GateVerdict
    """``pass`` (a maintenance run was judged, and no test failed), ``fail`` (a test failed), ``no tests`` (nothing
    failed, and nothing was judged), ``interrupted`` (pytest ended early or was killed) or ``error`` (collection, the
    command line or pytest itself failed). Only ``pass`` is green."""
    reason: Text
    """Why, in one sentence."""
    exit_code: int | None
    """The exit code of pytest, which agrees with the verdict; null if pytest has not ended."""
    began: Text
    """When pytest began, in UTC (ISO 8601)."""
    ended: Text | None = None
    """When it ended; null if it has not."""
    wall_seconds: float = 0.0
    """The duration on the clock of the machine."""
    versions: dict[str, Text] = {}
    """The versions of Python, of this package, and of what it works with, by the names of the distributions."""
    settings: dict[str, EffectiveSetting] = {}
    """The settings of the run of pytest; each maintenance run has its own."""
    counts: dict[str, int] = {}
    """The number of tests of each outcome, of ``tests`` and of ``deselected`` ones, of maintenance ``runs`` and of the
    ``judged`` ones."""
    errors: list[Text] = []
    """What went wrong outside of tests."""
    notes: list[Text] = []
    """What is worth knowing and does not change the verdict, such as a worker that crashed and was replaced."""
    testapi: Push | None = None
    """The push to a TestAPI; null if there was none."""
    tests: list[CaseResult] = []
    """The tests in the order in which they began."""


def judged_run(
    judgement: Judgement,
    history: History,
    summary: RunProperties,
    *,
    expected: Sequence[str],
    path: Path | None,
    actors: Mapping[str, Mapping[str, str | None]],
    settings: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """Return a run as plain data, as :class:`JudgedRun` describes it: pytest-xdist takes it to the controller.

    Args:
        judgement: The verdicts on ``history``.
        history: The history of the run.
        summary: The figures of the run.
        expected: The claims that must be violated.
        path: The file of the history; None if it is not saved.
        actors: The fields of an :class:`ActorVersion` for each role.
        settings: The fields of an :class:`EffectiveSetting` for each keyword.
    """
    started = next((event.data for event in history.events if event.kind == kinds.RUN_STARTED), {})
    run = JudgedRun(
        outcome=summary["outcome"],
        broke_off=summary["broke_off"],
        seed=summary["seed"],
        computes=summary["computes"],
        repeat=started.get("repeat", ""),
        history=None if path is None else str(path),
        began=timestamp(history.events[0].wall) if history.events else None,
        wall_seconds=summary["wall_seconds"],
        simulated_seconds=summary["simulated_seconds"],
        requests=summary["requests"],
        actors={role: ActorVersion.model_validate(actor) for role, actor in actors.items()},
        settings={keyword: EffectiveSetting.model_validate(each) for keyword, each in settings.items()},
        failed=summary["failed"],
        claims=[
            JudgedClaim(
                claim=verdict.claim,
                outcome=verdict.outcome.value,
                summary=verdict.summary,
                expected=verdict.claim in expected,
                violations=len(verdict.violations),
                figures=dict(verdict.figures),
            )
            for verdict in judgement.verdicts
        ],
    )
    return run.model_dump(mode="json")


def is_judged(run: Mapping[str, Any]) -> bool:
    """Return True if at least one claim on a run, as :func:`judged_run` returns it, holds or is violated."""
    return any(claim["outcome"] in ("holds", "violated") for claim in run["claims"])


def document_text(document: ResultDocument) -> str:
    """Return the document as JSON in printable ASCII."""
    return json.dumps(document.model_dump(mode="json"), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of the document."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **ResultDocument.model_json_schema(mode="serialization"),
        "title": f"The result of pytest-doctor-maint, format {FORMAT}",
    }
