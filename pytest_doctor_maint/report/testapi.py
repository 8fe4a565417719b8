"""The result of a run of pytest as OPNFV's TestAPI takes it; xtesting pushes the same fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pytest_doctor_maint.report.gate import GateVerdict
from pytest_doctor_maint.report.result import ResultDocument

PROJECT, CASE = "doctor", "maintenance"
# xtesting's rule: BUILD_TAG is the name of a job such as doctor-apex-daily-master-12.
_VERSION = re.compile("(dai|week)ly-(.+?)-[0-9]*")
_TIME = "%Y-%m-%d %H:%M:%S"


def body_for_testapi(document: ResultDocument, variables: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of the request to TestAPI.

    ``criteria`` is PASS if the verdict is ``pass``, else FAIL. The times are those of the machine's time zone, as
    xtesting sends them. What the environment does not say has the value that xtesting gives it.

    Args:
        document: The result.
        variables: The environment: ``PROJECT_NAME``, ``INSTALLER_TYPE``, ``DEPLOY_SCENARIO``, ``NODE_NAME`` and
            ``BUILD_TAG`` are read.
    """
    build = variables.get("BUILD_TAG")
    version = _VERSION.search(build or "")
    return {
        "project_name": variables.get("PROJECT_NAME") or PROJECT,
        "case_name": CASE,
        "details": _details(document),
        "installer": variables.get("INSTALLER_TYPE") or "unknown",
        "scenario": variables.get("DEPLOY_SCENARIO") or "os-nosdn-nofeature-noha",
        "pod_name": variables.get("NODE_NAME"),
        "build_tag": build,
        "criteria": "PASS" if document.verdict is GateVerdict.PASS else "FAIL",
        "start_date": _local(document.began),
        "stop_date": _local(document.ended or document.began),
        "version": version[2] if version else "unknown",
    }


def _details(document: ResultDocument) -> dict[str, Any]:
    """Return the result without the claims that are as they should be."""
    return {
        "verdict": document.verdict.value,
        "reason": document.reason,
        "exit_code": document.exit_code,
        "counts": document.counts,
        "versions": document.versions,
        "tests": [
            {
                "name": test.nodeid,
                "status": test.outcome.value,
                "attempts": len(test.attempts),
                "failed": [claim for run in test.attempts[-1].runs for claim in run.failed],
                "reason": test.reason,
            }
            for test in document.tests
        ],
    }


def _local(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone().strftime(_TIME)
