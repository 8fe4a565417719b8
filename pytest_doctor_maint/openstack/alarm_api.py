"""The HTTP side of an actor that receives alarms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from pytest_doctor_maint.openstack.client_app import CloudClientApp
from pytest_doctor_maint.openstack.url_secrets import UrlSecrets
from pytest_doctor_maint.protocol import AlarmBody
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, Request, route

#: The path at which alarms arrive; the secret of the alarm follows it.
PATH = "/maintenance"


class AlarmApi(CloudClientApp):
    """Serves POST ``/maintenance/SECRET``, the URL of an alarm.

    An alarm without a valid secret is answered 403 before its body is looked at.

    Args:
        receive: Takes the body of an alarm and returns the answer. A ValueError is answered 400 with its text.
        is_open: Take alarms at the bare path ``/maintenance``, too.

    Attributes:
        secrets: The secrets of the alarms.
    """

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {ValueError: 400}

    def __init__(self, receive: Callable[[Mapping[str, object]], Answer], *, is_open: bool = False) -> None:
        super().__init__()
        self.secrets = UrlSecrets(is_open=is_open)
        self._receive = receive

    @route("POST", PATH, body=AlarmBody, refuses=(403,))
    @route("POST", f"{PATH}/<secret>", body=AlarmBody, refuses=(403,))
    def alarm(self, request: Request, secret: str = "") -> Answer:
        """Receive an alarm."""
        self.secrets.check(secret)
        answer = self._receive(request.json_object())
        return {} if answer is None else answer
