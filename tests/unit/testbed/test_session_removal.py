"""How a session of an admin tool elsewhere is removed after a run that broke off."""

from __future__ import annotations

from typing import Any, cast

import pytest
import requests

from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.testbed import removal


class Admin:
    """A connection whose requests get these answers, a status and a text each; the last one is repeated."""

    def __init__(self, *answers: tuple[int, str]) -> None:
        self.session = self
        self.methods: list[str] = []
        self._answers = list(answers)

    def request(self, url: str, method: str, **options: Any) -> requests.Response:
        assert url == "http://127.0.0.1:1/maintenance/s1"
        self.methods.append(method)
        answer = requests.Response()
        answer.status_code, text = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer._content = text.encode()
        return answer


def end(admin: Admin) -> None:
    (step,) = removal.session_steps(cast(Any, admin), WallClock(), "http://127.0.0.1:1", ["/maintenance/s1"], [])
    step.remove()


@pytest.mark.parametrize("unknown", [(404, "unknown session"), (500, "<h1>Internal Server Error</h1>")])
def test_a_session_that_is_no_longer_shown_after_its_deletion_is_gone(unknown: tuple[int, str]) -> None:
    admin = Admin((200, "OK"), unknown)
    end(admin)
    assert admin.methods == ["DELETE", "GET"]


def test_a_deletion_is_repeated_until_the_session_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "INTERVAL", 0.0)
    admin = Admin((200, "OK"), (200, '{"state": "PLANNED_MAINTENANCE"}'), (500, "failed"), (500, "failed"))
    end(admin)
    assert admin.methods == ["DELETE", "GET"] * 2


def test_a_session_that_was_never_deleted_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "INTERVAL", 0.0)
    monkeypatch.setattr(removal, "SESSION_PATIENCE", 0.0)
    with pytest.raises(RuntimeError, match="DELETE is answered with 500: failed"):
        end(Admin((500, "failed")))


def test_computes_are_enabled_again_also_when_their_session_has_ended() -> None:
    steps = removal.session_steps(cast(Any, None), WallClock(), "http://127.0.0.1:1", [], ["compute-1", "compute-1"])
    assert [(step.what, step.command) for step in steps] == [
        ("the maintenance of compute-1", "openstack compute service set --enable compute-1 nova-compute")
    ]
