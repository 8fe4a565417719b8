"""The body of a request, for WSGI layers that read it before the application does."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def whole_body(environ: WSGIEnvironment) -> bytes:
    """Return the body, which the next layer can read again.

    It may have a ``Content-Length`` or come in chunks; for the next layer it has a length.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if environ.pop("wsgi.input_terminated", False):
        raw = environ["wsgi.input"].read()
    else:
        raw = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(raw))
    environ["wsgi.input"] = BytesIO(raw)
    return bytes(raw)
