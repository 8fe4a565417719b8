"""The body of a request: received whole and within bounds by the server, and read again by the layers behind it."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from pytest_doctor_maint.simtime.http.errors import HttpError
from pytest_doctor_maint.simtime.numbers import natural

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: The largest body in bytes, unless a server takes larger ones.
MAX_BODY = 1 << 20
_PIECE = 1 << 16


def receive_body(environ: WSGIEnvironment, limit: int = MAX_BODY) -> None:
    """Read the body from the wire, so that nothing that comes later waits for the client.

    Afterwards the body has a ``Content-Length``, whether it had one before or came in chunks.

    Args:
        environ: The request.
        limit: The largest body in bytes.

    Raises:
        HttpError: 400, the body is not whole, or its length is unclear; 408, the client took too long (the wire says
            how long that is); 413, the body is larger than the limit.
        ConnectionError: The connection is broken.
    """
    try:
        _replace_body(environ, _received(environ, limit))
    except TimeoutError as error:
        raise HttpError(408, "the body did not arrive in time") from error
    except ValueError as error:
        raise HttpError(400, f"the body of the request is broken: {error}") from error


def whole_body(environ: WSGIEnvironment) -> bytes:
    """Return the body that :func:`receive_body` has received; the next layer can read it again."""
    raw = bytes(environ["wsgi.input"].read())
    _replace_body(environ, raw)
    return raw


def _replace_body(environ: WSGIEnvironment, raw: bytes) -> None:
    environ.pop("wsgi.input_terminated", None)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(raw))
    environ["wsgi.input"] = BytesIO(raw)


def _received(environ: WSGIEnvironment, limit: int) -> bytes:
    coding, length = environ.get("HTTP_TRANSFER_ENCODING"), environ.get("CONTENT_LENGTH") or None
    if coding is None:
        return _sized(environ, length or "0", limit)
    if coding.strip().lower() != "chunked":
        raise ValueError(f"Transfer-Encoding {coding!r} is not supported; use chunked or a Content-Length")
    if length is not None:
        raise ValueError("it has both a Content-Length and a Transfer-Encoding")
    raw = bytearray()
    while piece := environ["wsgi.input"].read(_PIECE):
        raw += piece
        if len(raw) > limit:
            raise _too_large(limit)
    return bytes(raw)


def _sized(environ: WSGIEnvironment, length: str, limit: int) -> bytes:
    """Return a body that has a ``Content-Length``."""
    size = natural(length)
    if size is None:
        raise ValueError(f"Content-Length {length[:50]!r} is not a number of bytes")
    if size > limit:
        raise _too_large(limit)
    raw = bytes(environ["wsgi.input"].read(size))
    if len(raw) < size:
        raise ValueError(f"it ends after {len(raw)} of {size} bytes")
    return raw


def _too_large(limit: int) -> HttpError:
    return HttpError(413, f"the body is larger than {limit} bytes")
