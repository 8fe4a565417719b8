"""The lines of a run that broke off."""

from __future__ import annotations

import requests

from pytest_doctor_maint.history import History
from pytest_doctor_maint.openstack.reasons import LONGEST_ANSWER, said
from pytest_doctor_maint.testbed.errors import NoAnswer
from pytest_doctor_maint.testbed.result import RunBroken, RunResult, Trouble

SECRET = "s" * 43
URL = f"http://127.0.0.1:8000/maintenance/{SECRET}"


def test_the_secret_in_the_url_of_an_actor_is_not_shown() -> None:
    error = NoAnswer(f"the app manager at {URL}", "refused")
    trouble = Trouble(error.who, error, str(error))
    broken = RunBroken(RunResult(History(), 0, 0.0), trouble, trouble, [f"an alarm to {URL}"])
    assert broken.lines == [
        "the run broke off: the app manager at http://127.0.0.1:8000/maintenance/*** does not answer: refused",
        "left behind: an alarm to http://127.0.0.1:8000/maintenance/***",
    ]
    assert SECRET not in str(broken)


def test_an_answer_is_one_line_however_long_it_is() -> None:
    answer = requests.Response()
    answer.status_code = 502
    answer._content = b"<html>\n<body>" + b"bad gateway " * 1000
    text = said(answer)
    assert text.startswith(r"502: <html>\n<body>bad gateway")
    assert text.endswith("...")
    assert len(text) <= LONGEST_ANSWER + len("502: ")
