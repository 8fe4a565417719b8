"""A command that works on a saved history for long says so, and gives up in the end."""

from __future__ import annotations

import threading

import pytest

from pytest_doctor_maint.commands import saved_history


def test_long_work_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_history, "INTERVAL", 0.01)
    go_on = threading.Event()
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        go_on.set()

    monkeypatch.setattr(saved_history, "say", say)
    assert saved_history.within(60.0, "judging", "less", lambda: go_on.wait(50)) is True
    assert said[0].startswith("doctor-maint: still judging after 0 s, of at most 60 s")
    never = threading.Event()
    with pytest.raises(ValueError, match=r"judging takes longer than 0.02 s; allowed: less"):
        saved_history.within(0.02, "judging", "less", never.wait)
    never.set()
