"""The callers of an admin tool's API, whom Keystone knows by their tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from keystoneauth1.adapter import Adapter
from openstack.exceptions import raise_from_response

from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, cloud_errors, may_pass, patient, repeated
from pytest_doctor_maint.protocol import from_wire
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    import requests
    from openstack.connection import Connection


class Unauthorized(Exception):
    """Keystone does not know the token, or it has expired."""

    def __init__(self) -> None:
        super().__init__("X-Auth-Token: a valid token of Keystone is needed")


class KeystoneSilent(Exception):
    """Keystone could not be asked for the owner of a token; the message says why."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The owner of a token.

    Attributes:
        project_id: The project of the token's scope; empty for a token without one.
        roles: The names of the roles in that project.
        expires_at: The time at which the token expires (UTC).
    """

    project_id: str
    roles: frozenset[str]
    expires_at: datetime

    @property
    def is_admin(self) -> bool:
        """True if the caller has the admin role."""
        return "admin" in self.roles


#: Seconds for which the answer of Keystone is used for requests that change nothing, as in keystonemiddleware.
CACHE_TIME = 300.0


class Tokens:
    """Looks tokens up in Keystone, since a token can be revoked at any time.

    Args:
        connection: A connection with the admin role; its own token authenticates the look-up.
        clock: The time that decides whether a token has expired.
    """

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        # By digest: a token is a secret.
        self._callers: dict[str, tuple[Caller, datetime]] = {}

    def caller(self, token: str, *, at_once: bool = False) -> Caller:
        """Return the owner of `token`.

        Args:
            token: The token.
            at_once: Ask Keystone now, for a request that changes something. Otherwise an answer of the last
                :data:`CACHE_TIME` seconds is used.

        Raises:
            Unauthorized: The token has no owner, or has expired.
            KeystoneSilent: Keystone could not be asked.
        """
        if not token or not token.isascii() or not token.isprintable():
            # The token cannot be sent in a header, so Keystone cannot be asked.
            raise Unauthorized
        digest = hashlib.sha256(token.encode()).hexdigest()
        earliest = self._clock.now() - timedelta(seconds=CACHE_TIME)
        known = {key: kept for key, kept in self._callers.items() if kept[1] > earliest}
        if at_once or digest not in known:
            # Forgotten first: a token that is no longer valid must not be taken for the next request.
            known.pop(digest, None)
            self._callers = dict(known)
            known[digest] = self._ask(token), self._clock.now()
            self._callers[digest] = known[digest]
        caller, _ = known[digest]
        if caller.expires_at <= self._clock.now():
            raise Unauthorized
        return caller

    def _ask(self, token: str) -> Caller:
        # An answer that is not Keystone's is trouble with Keystone, too.
        trouble: tuple[type[Exception], ...] = (*cloud_errors(), ValueError, LookupError, TypeError)

        def ask() -> requests.Response:
            identity = self._connection.identity
            if identity.endpoint_override is None:
                identity.endpoint_override = Adapter.get_endpoint(identity)
            response = Adapter.request(
                identity,
                "/auth/tokens",
                "GET",
                headers={"X-Subject-Token": token},
                params={"nocatalog": "1"},
                raise_exc=False,
            )
            if response.status_code == 404:
                raise Unauthorized
            raise_from_response(response)
            return response

        try:
            with patient(self._clock, CLIENT_PATIENCE):
                return _caller(repeated(ask, may_pass).json()["token"])
        except trouble as error:
            raise KeystoneSilent(
                f"Keystone could not be asked for the owner of the token: {type(error).__name__}"
            ) from error


def _caller(token: Mapping[str, Any]) -> Caller:
    return Caller(
        project_id=token.get("project", {}).get("id", ""),
        roles=frozenset(role["name"] for role in token.get("roles", ())),
        expires_at=from_wire(token["expires_at"]),
    )
