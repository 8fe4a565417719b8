"""``doctor-maint wait`` waits until clouds and actors answer, and says which of them does not."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_doctor_maint.commands import wait
from pytest_doctor_maint.commands.wait import NotReady, reach_url_in, wait_for
from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http import App, HttpServer


@pytest.fixture
def url() -> Iterator[str]:
    """The URL of a server that knows no path: every answer is 404."""
    clock = WallClock()
    server = HttpServer(App(), name="nothing", clock=clock).start()
    yield f"{server.url}/maintenance/{'s' * 43}"
    server.stop()
    clock.stop()
    server.join()


def waited(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    wait.add_to(parser.add_subparsers())
    options = parser.parse_args(["wait", "--timeout", "0.2", *arguments])
    code: int = options.run(options)
    return code


def test_a_server_answers_with_whichever_status(url: str) -> None:
    assert waited(url) == 0


def test_the_last_whole_line_with_a_url_counts(url: str, tmp_path: Path) -> None:
    file = tmp_path / "app_manager"
    file.write_text(f"http://127.0.0.1:9/\n{url}\nhttp://127.0.0.1:1", encoding="utf-8")
    assert waited("--file", str(file)) == 0


def test_a_file_without_a_url_is_waited_for(url: str, tmp_path: Path) -> None:
    file = tmp_path / "app_manager"
    looks: list[int] = []

    def look() -> None:
        # The actor writes its URL between the second look and the third.
        looks.append(len(looks))
        if len(looks) == 3:
            file.write_text(f"{url}\n", encoding="utf-8")
        reach_url_in(file)

    wait_for([look], timeout=10.0)
    assert len(looks) == 3


def test_what_does_not_answer_is_named_without_its_secret(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "s" * 43
    assert waited(f"http://127.0.0.1:9/maintenance/{secret}") == 1
    words = capsys.readouterr().err
    assert "nothing answers at http://127.0.0.1:9/maintenance/***: ConnectionError (waited for 0.2 s)" in words
    assert secret not in words


def test_a_cloud_that_is_not_there_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clouds = tmp_path / "clouds.yaml"
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))
    assert waited("--os-cloud", "lab") == 1
    assert "no clouds.yaml has the cloud 'lab'" in capsys.readouterr().err
    login = {"auth_url": "http://127.0.0.1:9/v3", "username": "admin", "password": "x", "project_name": "admin"}
    clouds.write_text(f"clouds: {{lab: {{auth: {login}}}}}\n", encoding="utf-8")
    assert waited("--os-cloud", "lab") == 1
    assert "the cloud lab does not accept the login" in capsys.readouterr().err


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="cannot be read: Is a directory"):
        reach_url_in(tmp_path)


@pytest.mark.parametrize("arguments", [[], ["127.0.0.1:12347"], ["http://127.0.0.1:0/"]])
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        waited(*arguments)
    assert ended.value.code == 2
