"""The push to a TestAPI: what is sent, and what a push that fails says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from pytest_doctor_maint.plugin.gate import file
from pytest_doctor_maint.plugin.gate.push import TIMEOUT, push
from pytest_doctor_maint.report.gate import GateVerdict
from pytest_doctor_maint.report.result import ResultDocument

DOCUMENT = ResultDocument(verdict=GateVerdict.PASS, reason="it did", exit_code=0, began="2030-01-01T00:00:00.000000Z")
URL = "https://me:s3cret@testapi.example:8000/api/v1/results?token=t0ken"
PLACE = "https://testapi.example:8000"


def answer(status: int) -> requests.Response:
    response = requests.Response()
    response.status_code, response.url = status, URL
    return response


def test_a_result_is_posted_as_xtesting_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}

    def post(url: str, **arguments: Any) -> requests.Response:
        sent.update(arguments, url=url)
        return answer(200)

    monkeypatch.setattr(requests, "post", post)
    pushed = push(URL, DOCUMENT, {"NODE_NAME": "pod1"})
    assert (pushed.pushed, pushed.place, pushed.reason) == (True, PLACE, "")
    assert (sent["url"], sent["headers"]) == (URL, {"Content-Type": "application/json"})
    assert sent["timeout"] == TIMEOUT
    assert (json.loads(sent["data"])["criteria"], json.loads(sent["data"])["pod_name"]) == ("PASS", "pod1")


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (answer(500), "the answer is 500"),
        (requests.ConnectionError(f"cannot reach {URL}"), "there is no answer (ConnectionError)"),
        (requests.Timeout(f"{URL} timed out"), "there is no answer (Timeout)"),
    ],
)
def test_a_push_that_fails_shows_no_secret(
    monkeypatch: pytest.MonkeyPatch, outcome: requests.Response | Exception, reason: str
) -> None:
    def post(url: str, **arguments: Any) -> requests.Response:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(requests, "post", post)
    pushed = push(URL, DOCUMENT, {})
    assert (pushed.pushed, pushed.place, pushed.reason) == (False, PLACE, reason)


@pytest.mark.parametrize("url", ["http://[s3cret/", "http://host:s3cret/", "s3cret"])
def test_a_url_that_is_none_is_not_shown(url: str) -> None:
    pushed = push(url, DOCUMENT, {})
    assert not pushed.pushed
    assert "s3cret" not in pushed.model_dump_json()


def test_a_file_gets_each_request(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/new/requests.txt"
    assert push(url, DOCUMENT, {}).pushed
    assert push(url, DOCUMENT, {}).pushed
    text = (tmp_path / "new" / "requests.txt").read_text()
    assert text.count(f"POST {url}\nContent-Length ") == 2
    assert json.loads(text.split("\n\n")[1])["details"]["verdict"] == "pass"


def test_a_file_that_cannot_be_written_is_a_push_that_fails(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    pushed = push(f"file://{tmp_path}/plain/requests.txt", DOCUMENT, {})
    assert (pushed.pushed, pushed.place) == (False, "file://")
    assert pushed.reason.startswith("the file cannot be written (")


def test_a_result_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path, link = tmp_path / "deep" / "result.json", tmp_path / "link"
    file.write(path, DOCUMENT)
    link.symlink_to(path)
    file.write(link, DOCUMENT.model_copy(update={"reason": "again"}))
    assert json.loads(path.read_text())["reason"] == "again"
    assert link.is_symlink()
    assert [each.name for each in path.parent.iterdir()] == ["result.json"]


def test_a_result_that_cannot_be_written_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "result.json"
    file.write(path, DOCUMENT)
    old = path.read_text()

    def refuse(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        file.write(path, DOCUMENT.model_copy(update={"reason": "again"}))
    assert path.read_text() == old
    assert [each.name for each in tmp_path.iterdir()] == ["result.json"]
