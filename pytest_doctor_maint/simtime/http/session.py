"""The ``requests`` session with which actors speak HTTP."""

from __future__ import annotations

from typing import Any

import requests
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from pytest_doctor_maint.simtime.cause import current_cause
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http.headers import CAUSE_HEADER, TOKEN_HEADER
from pytest_doctor_maint.simtime.http.wires import wire_of

#: Real seconds after which a request counts as failed. In simulated time a handler takes long in simulated seconds
#: only; on the wall clock OpenStack's own clients wait this long, too. The memory wire has no such time-outs.
READ_TIMEOUT = 60.0


class _CookielessRequest(requests.PreparedRequest):
    """A request without cookies: it does not ask the rules of ``http.cookiejar`` for them."""

    def prepare_cookies(self, cookies: Any) -> None:
        self._cookies = RequestsCookieJar()


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

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Return ``request`` with the settings of the session; see :meth:`requests.Session.prepare_request`.

        The base class merges each setting of a request with that of the session, also those that neither has. That is a
        tenth of the time of a run on the memory wire.
        """
        if self.params or self.auth or self.hooks["response"] or self.cookies or request.cookies:
            return super().prepare_request(request)
        headers = CaseInsensitiveDict(self.headers)
        headers.update(request.headers)
        prepared = _CookielessRequest()
        prepared.prepare(
            method=request.method,
            url=request.url,
            files=request.files,
            data=request.data,
            json=request.json,
            headers={name: value for name, value in headers.items() if value is not None},
            params=request.params or None,
            auth=request.auth,
            hooks=request.hooks,
        )
        return prepared

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Return the settings of a request, or of the session where the request has none; no environment is read."""
        return {
            "proxies": {**self.proxies, **(proxies or {})},
            "stream": self.stream if stream is None else stream,
            "verify": self.verify if verify is None else verify,
            "cert": self.cert if cert is None else cert,
        }

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
