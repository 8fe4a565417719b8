"""The HTTP side of whoever gets alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.simtime.http import Answer, App, HttpError, Request, route

PATH = "/maintenance"
"""Where alarms arrive."""


class AlarmApi(App):
    """Serves POST ``/maintenance``, the URL of an alarm.

    Args:
        receive: Takes an alarm's body. What it raises as ValueError is answered 400, with its text.
    """

    def __init__(self, receive: Callable[[Mapping[str, Any]], Answer]) -> None:
        super().__init__()
        self._receive = receive

    @route("POST", PATH)
    def alarm(self, request: Request) -> Answer:
        """Take an alarm."""
        try:
            answer = self._receive(request.json_object())
        except ValueError as error:
            raise HttpError(400, str(error)) from error
        return {} if answer is None else answer
