"""The ``requests`` session with which actors speak HTTP."""

from __future__ import annotations

from typing import Any

import requests

from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http.headers import CAUSE_HEADER, TOKEN_HEADER
from pytest_doctor_maint.simtime.http.wires import wire_of

#: Real seconds after which a request counts as failed. In simulated time a handler takes long in simulated seconds
#: only; on the wall clock OpenStack's own clients wait this long, too. The memory wire has no such time-outs.
READ_TIMEOUT = 60.0


class HttpSession(requests.Session):
    """A session whose requests take the wire of the clock, and carry its token and the current cause.

    Proxies and netrc files of the machine are ignored: every part has an address that the test knows. The clock counts
    the requests.

    Args:
        clock: The clock of the run.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.trust_env = False
        self._clock = clock
        adapter = wire_of(clock).adapter()
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send ``request``; see :meth:`requests.Session.send`."""
        if (carried := self._clock.carry()) is not None:
            request.headers[TOKEN_HEADER] = carried
        if (cause := current_cause()) is not None:
            request.headers[CAUSE_HEADER] = f"{self._clock.run}/{cause}"
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = READ_TIMEOUT
        self._clock.requests += 1
        try:
            return super().send(request, **kwargs)
        except requests.RequestException:
            self._clock.abandon(carried)
            raise
