"""The HTTP side of an actor that receives alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from pytest_doctor_maint.openstack.client_app import CloudClientApp
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, Request, route

#: The path at which alarms arrive.
PATH = "/maintenance"


class AlarmApi(CloudClientApp):
    """Serves POST ``/maintenance``, the URL of an alarm.

    Args:
        receive: Takes the body of an alarm and returns the answer. A ValueError is answered 400 with its text.
    """

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {ValueError: 400}

    def __init__(self, receive: Callable[[Mapping[str, object]], Answer]) -> None:
        super().__init__()
        self._receive = receive

    @route("POST", PATH)
    def alarm(self, request: Request) -> Answer:
        """Receive an alarm."""
        answer = self._receive(request.json_object())
        return {} if answer is None else answer
