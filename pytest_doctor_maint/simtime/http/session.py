"""The ``requests`` session with which actors speak HTTP."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http.headers import CAUSE_HEADER, TOKEN_HEADER

#: Real seconds after which a request counts as failed. In simulated time a handler may think for long, but only in
#: simulated seconds; on the wall clock OpenStack's own clients wait this long too.
READ_TIMEOUT = 60.0


class HttpSession(requests.Session):
    """A session whose requests carry the clock's token and the current cause.

    Proxies and netrc files of the machine are ignored: everything is on the addresses that the test was given. The
    clock counts the requests.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.trust_env = False
        self._clock = clock
        adapter = HTTPAdapter(pool_maxsize=16)
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
