"""How a server on a socket reads a request: strictly, in bounded time, and with an answer to what is broken."""

from __future__ import annotations

import io
import json
import re
import socket
from email.errors import MissingHeaderBodySeparatorDefect
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler

from pytest_doctor_maint.simtime.http.wires.reading import ChunkedBody, DeadlineReader

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

#: A method, a target without spaces and control characters, and a version: RFC 9112, section 3.
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64} (?P<target>[^\x00-\x20\x7f]+) HTTP/1\.[01]\r?\n")


class RequestHandler(WSGIRequestHandler):
    """Writes no log: the history is the log. werkzeug closes the connection after each answer."""

    # werkzeug would otherwise set it on its own class, for the whole process.
    protocol_version = "HTTP/1.1"
    # What cannot be parsed is answered as well, with a status line.
    default_request_version = "HTTP/1.1"
    # Headers and body leave in two writes; without this the second waits for the first one's ACK (40 ms).
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._incoming = DeadlineReader(self.connection)
        self.rfile = io.BufferedReader(self._incoming)
        # The base class sets these when it parses the first line, and needs them for any answer.
        self.command, self.requestline, self.request_version = "", "", self.default_request_version

    def parse_request(self) -> bool:
        if (fault := _fault_of_line(self.raw_requestline)) is not None:
            self.send_error(HTTPStatus.BAD_REQUEST, fault)
            return False
        if not super().parse_request():
            return False
        if (fault := self._fault_of_headers()) is not None:
            self.send_error(HTTPStatus.BAD_REQUEST, fault)
            return False
        return True

    def make_environ(self) -> WSGIEnvironment:
        environ = super().make_environ()
        if environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = ChunkedBody(self.rfile)
        return environ

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that cannot be handed to the application, and let its sender read the answer."""
        body = json.dumps({"error": message or HTTPStatus(code).phrase}).encode()
        self.send_response(code, HTTPStatus(code).phrase)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        # A connection that is closed with unread bytes is reset, and the answer is lost.
        self.connection.shutdown(socket.SHUT_WR)
        while self.rfile.read(1 << 16):
            continue

    def log(self, type: str, message: str, *args: object) -> None:
        """Write nothing."""

    def _fault_of_headers(self) -> str | None:
        if self._incoming.has_ended:
            # The base class takes the end of the connection for the empty line after the last header.
            return "the headers are cut off"
        if any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in self.headers.defects):
            return "a header line has no colon"
        if len({length.strip() for length in self.headers.get_all("Content-Length", ())}) > 1:
            return "the request has several Content-Length"
        return None


def _fault_of_line(line: bytes) -> str | None:
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        return "the first line is not: METHOD TARGET HTTP/1.1"
    try:
        urlsplit(match["target"].decode("latin-1"))
    except ValueError as error:
        return f"the target of the request is no URL: {error}"
    return None
