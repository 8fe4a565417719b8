"""Reports on a run, from its history and its verdicts: failure texts, diagrams, tables, and data for other tools."""

from pytest_doctor_maint.report.allure import allure_failure, allure_refusal, allure_steps
from pytest_doctor_maint.report.as_json import to_json
from pytest_doctor_maint.report.counts import counts
from pytest_doctor_maint.report.failure import failure_text
from pytest_doctor_maint.report.sequence import sequence
from pytest_doctor_maint.report.sequence_diagram import sequence_diagram
from pytest_doctor_maint.report.summary import RunProperties, properties
from pytest_doctor_maint.report.terminal import terminal_summary
from pytest_doctor_maint.report.timeline import timeline

__all__ = [
    "RunProperties",
    "allure_failure",
    "allure_refusal",
    "allure_steps",
    "counts",
    "failure_text",
    "properties",
    "sequence",
    "sequence_diagram",
    "terminal_summary",
    "timeline",
    "to_json",
]
