"""The body of a request, for WSGI layers that look at it on its way to the application."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def whole_body(environ: WSGIEnvironment) -> bytes:
    """Read the body, whether its length is told or it comes in chunks, and leave it in place for the next layer."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ.pop("wsgi.input_terminated", False):
        raw = environ["wsgi.input"].read()
    else:
        raw = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(raw))
    environ["wsgi.input"] = BytesIO(raw)
    return bytes(raw)
