"""Microversions of the Compute API."""

from __future__ import annotations

import re

from werkzeug.datastructures import Headers

from pytest_doctor_maint.simtime.http import HttpError

Version = tuple[int, int]

LOWEST: Version = (2, 1)

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)")


def dotted(version: Version) -> str:
    """Return a microversion as ``2.96``."""
    return f"{version[0]}.{version[1]}"


def negotiate(headers: Headers, highest: Version) -> Version:
    """Return the microversion that a request asks for; the lowest if it asks for none.

    Raises:
        HttpError: 400, the header is malformed; 406, the microversion is not supported.
    """
    wanted = ""
    for part in headers.get("OpenStack-API-Version", "").split(","):
        service, _, number = part.strip().partition(" ")
        if service.lower() in ("compute", "nova"):
            wanted = number.strip()
    wanted = wanted or headers.get("X-OpenStack-Nova-API-Version", "").strip()
    if not wanted:
        return LOWEST
    if wanted.lower() == "latest":
        return highest
    match = _FORM.fullmatch(wanted)
    if match is None:
        raise HttpError(400, f"API Version String {wanted} is of invalid format. Must be of format MajorNum.MinorNum.")
    version = (int(match[1]), int(match[2]))
    if not LOWEST <= version <= highest:
        raise HttpError(
            406,
            f"Version {wanted} is not supported by the API. Minimum is {dotted(LOWEST)} and maximum is "
            f"{dotted(highest)}.",
        )
    return version
