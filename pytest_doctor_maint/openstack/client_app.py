"""An application whose handlers use a cloud."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.openstack.calls import cloud_errors
from pytest_doctor_maint.simtime.http import Answer, App, HttpError


class CloudClientApp(App):
    """Answers 503 with one sentence where the cloud refuses or does not answer what a handler asks it.

    The handlers of every actor are in such an application, so that trouble with the cloud looks the same everywhere,
    and is no error of the actor.
    """

    @classmethod
    def refusals(cls, options: Mapping[str, Any]) -> frozenset[int]:
        return super().refusals(options) | {503}

    # Any: a subclass takes its own class of requests.
    def dispatch(
        self, request: Any, handler: Callable[..., Answer], options: Mapping[str, Any], values: Mapping[str, Any]
    ) -> Answer:
        try:
            return super().dispatch(request, handler, options, values)
        except cloud_errors() as error:
            reason = " ".join(str(error).split())
            raise HttpError(503, f"the cloud does not do what this request needs: {reason}") from error
