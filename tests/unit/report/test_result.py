"""The result document: it keeps its published schema, and shows no secret and nothing that a terminal obeys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.commands.__main__ import main
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import properties
from pytest_doctor_maint.report.gate import CaseOutcome, GateVerdict
from pytest_doctor_maint.report.result import (
    Attempt,
    CaseResult,
    JudgedRun,
    ResultDocument,
    document_text,
    is_judged,
    judged_run,
    schema,
)
from pytest_doctor_maint.report.testapi import body_for_testapi

BEGAN = "2030-01-01T00:00:00.000000Z"
EXPECTED = "downtime_is_zero"
SECRET = "s" * 43

#: What programs may read in a document of format 1. More may come; whoever takes one away begins another format.
PUBLISHED = {
    "ActorVersion": "name distribution version",
    "Attempt": "outcome reason wall_seconds worker runs",
    "CaseResult": "nodeid maintenance outcome reason attempts",
    "EffectiveSetting": "value source",
    "JudgedClaim": "claim outcome summary expected violations figures",
    "JudgedRun": "outcome broke_off seed computes repeat history began wall_seconds simulated_seconds requests actors "
    "settings failed claims",
    "Push": "pushed place reason",
    "ResultDocument": "format verdict reason exit_code began ended wall_seconds versions settings counts errors notes "
    "testapi tests",
}


def run_of(history: History) -> dict[str, Any]:
    judgement = judge(history, (EXPECTED, "messages_in_order"))
    return judged_run(
        judgement,
        history,
        properties(judgement, history, 1.5, 7, "test_a.py::test_a", expected=[EXPECTED]),
        expected=[EXPECTED],
        path=Path("here.jsonl"),
        actors={"admin_tool": {"name": "acme", "distribution": "acme-maintenance", "version": "1.0"}},
        settings={"inspector": {"value": f"http://h:1/maintenance/{SECRET}", "source": "INSPECTOR_TYPE"}},
    )


def document(run: dict[str, Any] | None = None, **fields: Any) -> ResultDocument:
    attempt = Attempt(outcome=CaseOutcome.PASSED, runs=[] if run is None else [JudgedRun.model_validate(run)])
    test = CaseResult(nodeid="test_a.py::test_a", maintenance=True, outcome=CaseOutcome.PASSED, attempts=[attempt])
    values = {"verdict": GateVerdict.PASS, "reason": "it did", "exit_code": 0, "began": BEGAN, "tests": [test]}
    return ResultDocument.model_validate({**values, **fields})


def test_a_run_has_its_claims_figures_settings_and_origin(bad: History) -> None:
    run = run_of(bad)
    downtime = next(claim for claim in run["claims"] if claim["claim"] == EXPECTED)
    assert (downtime["outcome"], downtime["expected"], downtime["violations"]) == ("violated", True, 1)
    assert downtime["figures"]["outages"] == 1
    assert (run["failed"], run["history"], run["requests"]) == ([], "here.jsonl", 7)
    assert (run["seed"], run["computes"], run["broke_off"]) == (1, 3, False)
    assert run["actors"]["admin_tool"] == {"name": "acme", "distribution": "acme-maintenance", "version": "1.0"}
    assert is_judged(run)
    assert not is_judged({"claims": [{"outcome": "unknown"}, {"outcome": "not applicable"}]})


def test_the_document_keeps_its_schema(bad: History) -> None:
    found = json.loads(document_text(document(run_of(bad))))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(found, schema())
    assert set(schema()["required"]) == set(found)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**found, "verdict": "green"}, schema())


def test_what_is_published_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["result-schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    models = {"ResultDocument": printed, **printed["$defs"]}
    for name, fields in PUBLISHED.items():
        assert set(fields.split()) <= set(models[name]["properties"])
    assert models["ResultDocument"]["properties"]["format"]["default"] == 1
    assert models["GateVerdict"]["enum"] == ["pass", "fail", "no tests", "interrupted", "error"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"no answer from http://h:1/maintenance/{SECRET}", "no answer from http://h:1/maintenance/***"),
        ("https://me:pass@word@h/api is refused", "https://***@h/api is refused"),
        ("rabbit://a:b@h1:1,c:d@h2:2/ is refused", "rabbit://***@h2:2/ is refused"),
        ("mail me@example.org about http://h/", "mail me@example.org about http://h/"),
        ("two\nlines \x1b[31m \ud800", "two\\nlines \\x1b[31m \\ud800"),
    ],
)
def test_a_text_of_others_is_shown_safely(text: str, shown: str) -> None:
    assert json.loads(document_text(document(reason=text)))["reason"] == shown


def test_a_figure_that_json_does_not_have_is_text(bad: History) -> None:
    run = run_of(bad)
    run["claims"][0]["figures"] = {"ratio_s": float("inf"), "count": 3}
    text = document_text(document(run))
    assert json.loads(text)["tests"][0]["attempts"][0]["runs"][0]["claims"][0]["figures"] == {
        "ratio_s": "inf",
        "count": 3,
    }


def test_what_testapi_gets() -> None:
    variables = {"INSTALLER_TYPE": "apex", "NODE_NAME": "pod1", "BUILD_TAG": "doctor-apex-weekly-master-12"}
    body = body_for_testapi(document(ended="2030-01-01T00:00:05.000000Z"), variables)
    assert (body["project_name"], body["case_name"], body["criteria"]) == ("doctor", "maintenance", "PASS")
    assert (body["installer"], body["scenario"]) == ("apex", "os-nosdn-nofeature-noha")
    assert (body["pod_name"], body["build_tag"], body["version"]) == (
        "pod1",
        "doctor-apex-weekly-master-12",
        "master",
    )
    assert body["start_date"][-5:] == "00:00"
    assert body["stop_date"][-5:] == "00:05"
    assert body["details"]["tests"][0]["status"] == "passed"


@pytest.mark.parametrize("verdict", [each for each in GateVerdict if each is not GateVerdict.PASS])
def test_testapi_hears_of_no_pass_but_a_pass(verdict: GateVerdict) -> None:
    assert body_for_testapi(document(verdict=verdict), {})["criteria"] == "FAIL"


def test_testapi_gets_xtestings_values_for_what_the_environment_does_not_say() -> None:
    body = body_for_testapi(document(), {})
    assert (body["installer"], body["pod_name"], body["build_tag"], body["version"]) == (
        "unknown",
        None,
        None,
        "unknown",
    )
