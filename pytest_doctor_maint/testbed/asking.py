"""The requests of the infrastructure admin to the admin tool of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.attach.forward import UNREACHABLE_HEADER
from pytest_doctor_maint.openstack.reasons import reason_of, said
from pytest_doctor_maint.simtime.nesting import read_json
from pytest_doctor_maint.testbed.errors import NoAnswer, RequestRefused

if TYPE_CHECKING:
    from openstack.connection import Connection


# Any: JSON of any kind.
def ask(admin: Connection, title: str, url: str, method: str, path: str, body: Any) -> Any:
    """Send a request to an admin tool, and return the JSON of the answer; None if it is no JSON.

    Args:
        admin: The connection of the infrastructure admin. It sends a token, and a new one when that has expired.
        title: The admin tool as messages name it.
        url: The URL below which its API is served.
        method: ``GET``, ``POST`` or ``DELETE``.
        path: The path below the API.
        body: The JSON to send; None for nothing.

    Raises:
        NoAnswer: The admin tool does not answer, or only with 429 or 5xx to a GET.
        RequestRefused: The admin tool refused; the message has its reason.
        keystoneauth1.exceptions.ClientException: Keystone gave no token.
    """
    from keystoneauth1.exceptions import ConnectFailure

    try:
        answer = admin.session.request(f"{url}{path}", method, json=body, raise_exc=False)
    except ConnectFailure as error:
        # Keystone is asked for a token in the same call.
        if url not in str(error):
            raise
        raise NoAnswer(title, f"{method} {path}: {reason_of(error)}") from error
    if answer.ok:
        return read_json(answer.content)
    if why := answer.headers.get(UNREACHABLE_HEADER):
        raise NoAnswer(title, f"{method} {path}: {why}")
    reason = said(answer)
    if method == "GET" and (answer.status_code == 429 or answer.status_code >= 500):
        raise NoAnswer(title, f"GET {path} is answered with {reason}")
    raise RequestRefused(f"{title} refused {method} {path} with {reason}", response=answer)
