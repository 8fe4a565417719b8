"""One request without a socket: the environment that the server gets, and the response that the client gets.

The environment that an application gets and the response that a client gets are those of the other wire, where
``requests`` and ``urllib3`` write the request, werkzeug's server reads it and writes the answer, and ``http.client``
reads that. Tests compare the two.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from http.client import HTTPMessage
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

import requests
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.exceptions import InternalServerError
from werkzeug.serving import WSGIRequestHandler

if TYPE_CHECKING:
    import http.client

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

#: The port of every client.
CLIENT_PORT = 61000

_SOFTWARE = f"Werkzeug/{version('werkzeug')}"
_SERVER = f"{_SOFTWARE} {WSGIRequestHandler.sys_version}"
_USER_AGENT = f"python-urllib3/{version('urllib3')}"


def environ_of(request: requests.PreparedRequest) -> WSGIEnvironment:
    """Return the WSGI environment of ``request``, without the name and the port of the server."""
    target = request.path_url
    if target.startswith("//"):
        # http.server does so, as a measure against redirects to other hosts.
        target = f"/{target.lstrip('/')}"
    parts = urlsplit(target)
    environ: WSGIEnvironment = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(_body(request.body)),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "SERVER_SOFTWARE": _SOFTWARE,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": CLIENT_PORT,
        "REQUEST_METHOD": request.method,
        "REQUEST_URI": target,
        "RAW_URI": target,
        "SCRIPT_NAME": "",
        # WSGI keeps bytes in text, as latin-1.
        "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
    }
    for name, value in _headers(request).items():
        if "_" not in name:
            key = name.upper().replace("-", "_")
            environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        environ["wsgi.input_terminated"] = True
    return environ


def _headers(request: requests.PreparedRequest) -> dict[str, str]:
    """Return the headers of ``request`` and those that urllib3 adds, in lower case, as the server reads them."""
    headers = {_text(name): _text(value) for name, value in request.headers.lower_items()}
    headers.setdefault("host", urlsplit(request.url or "").netloc.rpartition("@")[2])
    headers.setdefault("accept-encoding", "identity")
    headers.setdefault("user-agent", _USER_AGENT)
    if request.body is not None and "content-length" not in headers:
        headers.setdefault("transfer-encoding", "chunked")
    return headers


def _text(value: str | bytes) -> str:
    """Return a header as the server reads it.

    Raises:
        UnicodeEncodeError: It cannot be sent.
    """
    if isinstance(value, bytes):
        return value.decode("latin-1")
    value.encode("latin-1")
    return value


def _body(body: Any) -> bytes:
    """Return the whole body, which is read from the file or generator that a client may have given."""
    if body is None:
        return b""
    if isinstance(body, str | bytes):
        return _bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    try:
        return bytes(memoryview(body))
    except TypeError:
        return b"".join(_bytes(chunk) for chunk in body)


def _bytes(chunk: str | bytes) -> bytes:
    return chunk.encode() if isinstance(chunk, str) else chunk


@lru_cache(maxsize=1)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)


class ServerAnswer:
    """The answer of an application to one request."""

    def __init__(self) -> None:
        self._status = ""
        self._headers: list[tuple[str, str]] = []
        self._chunks: list[bytes] = []

    def take_from(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        """Call ``app``; where it breaks the rules of WSGI, the answer is 500."""
        try:
            self._call(app, environ)
        except Exception:
            self._status, self._headers, self._chunks = "", [], []
            self._call(InternalServerError(), environ)

    def as_response(self, method: str) -> HTTPResponse:
        """Return the answer to a request with the HTTP method ``method``."""
        code, _, reason = self._status.partition(" ")
        status = int(code)
        headers = HTTPHeaderDict([("Server", _SERVER), ("Date", _date(int(time.time())))])
        for name, value in self._headers:
            headers.add(name, value.lstrip(" \t"))
        has_body = method != "HEAD" and status >= 200 and status not in (204, 304)
        length = headers.get("Content-Length")
        if length is None and has_body:
            headers.add("Transfer-Encoding", "chunked")
        headers.add("Connection", "close")
        body = b"".join(self._chunks) if has_body else b""
        return HTTPResponse(
            body=io.BytesIO(body if length is None else body[: int(length)]),
            headers=headers,
            status=status,
            version=11,
            reason=reason.strip(),
            preload_content=False,
            decode_content=False,
            request_method=method,
            original_response=cast("http.client.HTTPResponse", _Original(headers)) if "Set-Cookie" in headers else None,
        )

    def _call(self, app: WSGIApplication, environ: WSGIEnvironment) -> None:
        chunks = app(environ, self._start)
        self._chunks += chunks
        if not self._status:
            raise AssertionError("the application ended without a call of start_response")

    def _start(
        self, status: str, headers: list[tuple[str, str]], exc_info: OptExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        if self._headers and exc_info is None:
            raise AssertionError("the application called start_response twice")
        self._status, self._headers = status, headers
        return self._chunks.append


class _Original:
    """The part of ``http.client``'s response that requests takes cookies from."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = HTTPMessage()
        for cookie in headers.getlist("Set-Cookie"):
            self.msg["Set-Cookie"] = cookie

    def close(self) -> None:
        """Do nothing; there is no connection to close."""

    def isclosed(self) -> bool:
        """True: there is nothing to close."""
        return True
