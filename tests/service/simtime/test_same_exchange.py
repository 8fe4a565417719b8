"""An application and a client exchange the same data on the memory wire as on sockets."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_doctor_maint.simtime.clock import WallClock
from pytest_doctor_maint.simtime.http.body import whole_body
from pytest_doctor_maint.simtime.http.wires import WIRES
from tests.support.http_pair import Pair

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Headers = list[tuple[str, str]]


@dataclass
class Script:
    """An application that keeps the request and answers with its attributes."""

    status: str = "200 OK"
    headers: Headers = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    environ: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        self.environ = {key: value for key, value in environ.items() if isinstance(value, str | bool | tuple)}
        self.body = whole_body(environ)
        start_response(self.status, self.headers)
        return self.chunks


@dataclass(frozen=True)
class Wires:
    """The same application on a socket and on memory."""

    scripts: Mapping[str, Script]
    pairs: Mapping[str, Pair]

    def exchange(self, wire: str, send: Callable[[requests.Session, str], requests.Response]) -> dict[str, Any]:
        """Return everything that both sides saw of one request."""
        script, pair = self.scripts[wire], self.pairs[wire]
        try:
            response = send(pair.session, pair.server.url)
        except (requests.RequestException, ValueError) as error:
            # The text of the exception describes the connection.
            return {"error": type(error)}
        port = pair.server.url.rpartition(":")[2]
        environ = {
            key: value.replace(port, "PORT") if "PORT" in key or "HOST" in key else value
            for key, value in script.environ.items()
        }
        headers = [(name, value) for name, value in response.headers.items() if name.lower() != "date"]
        return {
            "environ": environ,
            "body": script.body,
            "status": (response.status_code, response.reason),
            "headers": headers,
            "date": "Date" in response.headers,
            "cookies": response.cookies.get_dict(),
            "content": response.content,
            "url": response.url.replace(port, "PORT"),
            "history": [each.status_code for each in response.history],
            "encoding": response.encoding,
        }

    def assert_same(self, send: Callable[[requests.Session, str], requests.Response]) -> dict[str, Any]:
        """Make one request on each wire, compare, and return what was seen."""
        on_socket, on_memory = self.exchange("socket", send), self.exchange("memory", send)
        assert on_memory == on_socket
        return on_memory

    def answer(self, status: str, headers: Headers, chunks: list[bytes]) -> None:
        """Set the answer of both applications."""
        for script in self.scripts.values():
            script.status, script.headers, script.chunks = status, headers, chunks


@pytest.fixture(scope="module")
def both() -> Iterator[Wires]:
    scripts = {wire: Script() for wire in WIRES}
    made = Wires(scripts, {wire: Pair(WallClock(WIRES[wire]()), scripts[wire]) for wire in WIRES})
    yield made
    for pair in made.pairs.values():
        pair.stop()


@pytest.fixture
def wires(both: Wires) -> Wires:
    both.answer("200 OK", [], [])
    return both


# -- requests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/a/b/",
        "//double//slash",
        "/a%2Fb%20c%25",
        "/%ff%C3%A4",
        "/ä/ö ü",
        "/a;b=c?x=1&x=2&y=%C3%A4&z=a+b&empty=#fragment",
        "?only=query",
        "/./a/../b/.",
        "/a:b@c,d!e$f'(g)*+~",
        '/[x]|^`{}\\"<>',
        '/x?q=[1]|^`{}\\"<>',
        "/%7euser/%2e%2e",
    ],
)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_path_and_the_query_arrive_alike(wires: Wires, method: str, path: str) -> None:
    wires.assert_same(lambda session, url: session.request(method, url + path))


def a_text_file() -> io.StringIO:
    return io.StringIO("lines\nö\n")


BODIES: Mapping[str, Callable[[], dict[str, Any]]] = {
    "none": dict,
    "empty": lambda: {"data": b""},
    "bytes": lambda: {"data": b"\x00\xff" * 10},
    "text": lambda: {"data": "ä text"},
    "json": lambda: {"json": {"a": [1, None, "ü"]}},
    "form": lambda: {"data": {"a": "1", "b": ["2", "ü"]}},
    "file": lambda: {"data": io.BytesIO(b"x" * 100_000)},
    "empty file": lambda: {"data": io.BytesIO()},
    "text file": lambda: {"data": a_text_file()},
    "generator": lambda: {"data": (chunk for chunk in (b"one", b"", b"two", b"x" * 50_000))},
    "generator of text": lambda: {"data": (chunk for chunk in ("one", "ä"))},
    "empty generator": lambda: {"data": iter(())},
    "buffer": lambda: {"data": bytearray(b"buffer")},
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_the_body_arrives_alike(wires: Wires, method: str, kind: str) -> None:
    seen = wires.assert_same(lambda session, url: session.request(method, url, **BODIES[kind]()))
    if kind == "generator":
        assert seen["body"] == b"onetwo" + b"x" * 50_000


@pytest.mark.parametrize(
    "headers",
    [
        {"x-mixed-CASE": "1"},
        {"X-Latin": "größe"},
        {"X-Bytes": b"\xe4\xff"},
        {"X_Underscore": "dropped", "X-Dash": "kept"},
        {"X-Many": 'a, b;c="d"', "Cookie": "a=b; c=d"},
        {"Host": "elsewhere.example:99"},
        {"User-Agent": None, "Accept-Encoding": None, "Accept": None, "Connection": None},
        {"Content-Type": "text/plain; charset=latin-1"},
        {"X-Beyond-Latin": "日本"},
        {"X-Trailing": "space "},
        {"Connection": "close", "Expect": "", "Range": "bytes=0-1"},
    ],
)
def test_headers_arrive_alike(wires: Wires, headers: Mapping[str, str | bytes | None]) -> None:
    wires.assert_same(lambda session, url: session.post(url, data=b"body", headers=headers))


def test_credentials_in_the_url_arrive_alike(wires: Wires) -> None:
    wires.assert_same(lambda session, url: session.get(url.replace("http://", "http://user:secret@")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=12), body=st.binary(max_size=30))
def test_any_path_and_body_arrive_alike(both: Wires, path: str, body: bytes) -> None:
    both.answer("200 OK", [], [])
    both.assert_same(lambda session, url: session.put(f"{url}/{path}", data=body))


# -- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize(
    "status", ["200 OK", "201 Its Own Words", "204 NO CONTENT", "304 NOT MODIFIED", "404 NOT FOUND", "500", "503 "]
)
@pytest.mark.parametrize("length", [None, "8"])
def test_the_status_and_the_body_come_back_alike(wires: Wires, method: str, status: str, length: str | None) -> None:
    headers = [("Content-Type", "text/plain")] + ([("Content-Length", length)] if length else [])
    wires.answer(status, headers, [b"four", b"", b"more"])
    wires.assert_same(lambda session, url: session.request(method, url))


@pytest.mark.parametrize(
    "headers",
    [
        [("Vary", "OpenStack-API-Version"), ("Vary", "X-OpenStack-Nova-API-Version")],
        [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")],
        [("x-mixed-CASE", "1"), ("X-Latin", "größe"), ("X-Space", "  around  ")],
        [("Server", "its own"), ("Date", "its own")],
        [("Content-Type", "text/html")],
        [("Content-Length", "3")],
        [("Content-Length", "9")],
        [("Content-Encoding", "identity")],
    ],
)
def test_headers_come_back_alike(wires: Wires, headers: Headers) -> None:
    wires.answer("200 OK", headers, [b"body"])
    wires.assert_same(lambda session, url: session.get(url))


def test_an_encoded_body_is_decoded_alike(wires: Wires) -> None:
    wires.answer("200 OK", [("Content-Encoding", "gzip")], [gzip.compress(b"plain", mtime=0)])
    assert wires.assert_same(lambda session, url: session.get(url))["content"] == b"plain"


@pytest.mark.parametrize("status", ["301 MOVED", "302 FOUND", "303 SEE OTHER", "307 TEMPORARY", "308 PERMANENT"])
@pytest.mark.parametrize("follow", [True, False])
def test_redirects_are_followed_alike(wires: Wires, status: str, follow: bool) -> None:
    location = [("Location", "/next?x=1")]
    wires.answer(status, location, [b"moved"])
    wires.assert_same(lambda session, url: session.post(url, data=b"body", allow_redirects=follow))


def test_a_streamed_body_comes_back_alike(wires: Wires) -> None:
    wires.answer("200 OK", [], [b"one\n", b"two\n", b"x" * 100_000])
    for pair in wires.pairs.values():
        with pair.session.get(pair.server.url, stream=True) as response:
            assert list(response.iter_lines()) == [b"one", b"two", b"x" * 100_000]


NAMES = st.text(st.sampled_from("abcXYZ-09"), min_size=1, max_size=10).map(lambda name: f"X-{name}")
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.integers(200, 599),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=5),
    chunks=st.lists(st.binary(max_size=10), max_size=3),
)
def test_any_answer_comes_back_alike(both: Wires, status: int, headers: Headers, chunks: list[bytes]) -> None:
    both.answer(f"{status} {'ANY WORDS' if status % 2 else ''}", headers, chunks)
    both.assert_same(lambda session, url: session.get(url, allow_redirects=False))
