"""Attached runs that break off: the text names who, and the cloud is left as it was."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from pytest_doctor_maint.history import kinds
from tests.support.labs import LONG_PATIENCE, Lab, eventually
from tests.support.sessions import history_in, session_test


@contextmanager
def admin_tool(state: str) -> Iterator[str]:
    """Serve the smallest admin tool, whose session is in one state, and which answers DELETE with text."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = {"POST": '{"session_id": "s1"}', "GET": f'{{"state": "{state}"}}', "DELETE": "OK"}[self.command]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names are those of http.server

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.realtime(seconds=30)
def test_an_admin_tool_that_answers_with_text_gets_a_verdict(small_lab: Lab, tmp_path: Path) -> None:
    before = small_lab.inventory()
    with admin_tool("MAINTENANCE_FAILED") as url:
        result = small_lab.pytest(session_test("sample"), f"--admin-tool={url}", f"--maint-history={tmp_path}")
    assert "VIOLATED: sessions_end_well" in result.stdout
    history = history_in(tmp_path)
    assert [event.data["text"] for event in history.of(kinds.ANSWER_UNREADABLE)] == ["OK"]
    assert history.of(kinds.SESSION_DELETED)
    assert history.of(kinds.RUN_ENDED)
    assert small_lab.inventory() == before


@pytest.mark.realtime(seconds=80)
def test_an_admin_tool_that_hangs_is_named_and_what_is_left_is_listed(small_lab: Lab, tmp_path: Path) -> None:
    before = small_lab.inventory()
    with admin_tool("PLANNED_MAINTENANCE") as url:
        result = small_lab.pytest(
            session_test("sample"), f"--admin-tool={url}", f"--maint-history={tmp_path}", "--maint-patience=8"
        )
    assert f"the run broke off: the session s1 of the admin tool at {url} hangs in PLANNED_MAINTENANCE" in result.stdout
    assert f"left behind: the session s1 of the admin tool at {url} could not be removed" in result.stdout
    assert f"{url}/maintenance/s1" in result.stdout
    assert "the history breaks off" in result.stdout
    assert history_in(tmp_path).of(kinds.SESSION_STATE)
    assert small_lab.inventory() == before


@pytest.mark.realtime(seconds=80)
def test_an_interrupt_leaves_the_cloud_as_it_was(small_lab: Lab, tmp_path: Path) -> None:
    """The session is deleted, the computes are in use again, and the project is gone."""
    path = tmp_path / "test_interrupted.py"
    path.write_text(session_test("fenix"), encoding="utf-8")
    with small_lab.running("admin-tool", "--type", "fenix", "--work", "10") as tool:
        before = small_lab.inventory()
        command = [sys.executable, "-m", "pytest", "-p", "doctor_maint", "-p", "no:cacheprovider", "--os-cloud=lab"]
        run = subprocess.Popen(  # noqa: S603 - our own command
            [*command, f"--admin-tool={tool.line}", f"--maint-history={tmp_path / 'histories'}", str(path)],
            cwd=tmp_path,
            env=small_lab.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A shell starts its background jobs with SIGINT ignored, and its children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        eventually(lambda: disabled(small_lab), LONG_PATIENCE)
        run.send_signal(signal.SIGINT)
        words, _ = run.communicate(timeout=LONG_PATIENCE)
        assert run.returncode == pytest.ExitCode.INTERRUPTED, words
        assert "the run broke off: it was interrupted" in words
        assert "left behind" not in words
        assert disabled(small_lab) == []
        assert small_lab.inventory() == before
        assert history_in(tmp_path / "histories").of(kinds.SESSION_CREATED)
        tool.end()


def disabled(lab: Lab) -> list[str]:
    """Return the computes that are disabled."""
    return [str(each.host) for each in lab.admin.compute.services(binary="nova-compute") if each.status != "enabled"]
