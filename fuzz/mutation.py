"""Requests made of routes, ids that exist, and odd values."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

from fuzz import vocabulary
from fuzz.vocabulary import odd_text, odd_value

_PLACEHOLDER = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<values>[^)]*)\))?:)?(?P<name>\w+)>")
_MOST_IDS = 60
_MOST_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path, as a werkzeug rule, below the URL of a server.

    Attributes:
        url: The URL of the server.
        method: The method.
        rule: The rule.
        service: The name of the service or actor, for reports.
    """

    url: str
    method: str
    rule: str
    service: str


@dataclass(frozen=True, slots=True)
class FuzzedRequest:
    """A request.

    Attributes:
        route: The route that the request is made for; its method may be another one.
        method: The method.
        target: The path and the query, quoted.
        headers: The headers; the Content-Length is the body's unless it is named.
        body: The body.
    """

    route: Route
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def __str__(self) -> str:
        headers = {name: "(a token)" if name == "X-Auth-Token" else value for name, value in self.headers.items()}
        return f"{self.method[:40]!r} {self.route.url}{self.target[:300]} {str(headers)[:300]} {self.body[:400]!r}"


@dataclass(slots=True)
class Knowledge:
    """What is known of the servers: ids by kind (``server``), and examples of resources.

    Attributes:
        ids: The ids and names of resources by kind.
        examples: Resources by kind, as the servers have shown them.
        spared: Ids that no path is made with: without the admin there is little left to try.
    """

    ids: dict[str, list[str]] = field(default_factory=dict)
    examples: dict[str, list[Any]] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)

    def learn(self, body: object) -> None:
        """Keep the ids and the resources in an answer."""
        # Only Aodh answers with a bare list.
        shown: dict[str, Any] = {"alarms": body} if isinstance(body, list) else body if isinstance(body, dict) else {}
        for key, value in shown.items():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    self._keep(_singular(key), item)
            if key in ("session_id", "alarm_id") and isinstance(value, str):
                self._keep(key.removesuffix("_id"), shown)

    def _keep(self, kind: str, item: dict[str, Any]) -> None:
        known, shown = self.ids.setdefault(kind, []), self.examples.setdefault(kind, [])
        names = [item[name] for name in ("id", "uuid", f"{kind}_id", "name") if isinstance(item.get(name), str)]
        # A name is an id where there is no other; elsewhere it is taken for one now and then.
        for name in names[: 1 if len(known) % 8 else 2]:
            if name not in known and name not in self.spared:
                known[_MOST_IDS:] = [name]
        shown[_MOST_EXAMPLES:] = [{kind: item}]

    def one(self, rng: random.Random, *kinds: str) -> str:
        """Return an id of the first kind of which any is known, or else of any kind."""
        known = next((self.ids[kind] for kind in kinds if self.ids.get(kind)), []) or [
            each for ids in self.ids.values() for each in ids
        ]
        return rng.choice(known or ["unknown"])


class Mutator:
    """Makes requests.

    Args:
        rng: Makes all choices.
        routes: The routes of all servers.
        knowledge: What is known of the servers.
        tokens: Tokens of several callers.
    """

    def __init__(
        self, rng: random.Random, routes: Sequence[Route], knowledge: Knowledge, tokens: Sequence[str]
    ) -> None:
        self._rng = rng
        self._routes = routes
        self._changing = [route for route in routes if route.method not in ("GET", "OPTIONS")]
        self._knowledge = knowledge
        self._tokens = tokens
        # The last value in the path of the request that is made.
        self._last = ""

    def first_requests(self) -> Iterator[FuzzedRequest]:
        """Yield requests with which the admin lists what there is, and creates what there is not."""
        headers = {"X-Auth-Token": self._tokens[0], "OpenStack-API-Version": "compute 2.90"}
        whole = [route for route in dict.fromkeys(self._routes) if "<" not in route.rule]
        for route in whole:
            if route.method == "GET":
                yield FuzzedRequest(route, "GET", f"{route.rule}?all_tenants=1", headers, b"")
        for route in whole:
            for body in vocabulary.BODIES.get(route.rule.rsplit("/", 1)[-1], ()) if route.method == "POST" else ():
                raw = json.dumps(self._filled(body)).encode()
                yield FuzzedRequest(route, "POST", route.rule, headers | {"Content-Type": "application/json"}, raw)

    def request(self) -> FuzzedRequest:
        """Return the next request."""
        rng = self._rng
        route = rng.choice(self._changing if rng.random() < 0.6 else self._routes)
        if rng.random() < 0.4:
            return self._nearly_right(route)
        method = rng.choice(vocabulary.METHODS) if rng.random() < 0.05 else route.method
        headers, path = self._headers(route), self._path(route)
        body = self._body(route, method)
        if body and rng.random() < 0.02:
            headers["Content-Length"] = rng.choice([str(len(body) + 5), "-1", "²", "9" * 4400, "1, 2"])
        elif rng.random() < 0.01:
            headers["Transfer-Encoding"] = rng.choice(["chunked", "gzip", "chunked, chunked", "identity"])
        return FuzzedRequest(route, method, path + self._query(), headers, body)

    def _nearly_right(self, route: Route) -> FuzzedRequest:
        """Return a request of the admin with at most one change in the body: such a one is refused late, or not."""
        rng = self._rng
        path = self._filled_in(route, self._known)
        body = self._filled(copy.deepcopy(self._plain_body(route)))
        if rng.random() < 0.5:
            body = self._mutated(body)
        headers = {"Host": "cloud.test", "Content-Type": "application/json", "X-Auth-Token": self._tokens[0]}
        if rng.random() < 0.7:
            service = "placement 1." if route.rule.startswith("/placement") else "compute 2."
            headers["OpenStack-API-Version"] = service + str(rng.choice([1, 10, 19, 30, 36, 37, 39, 60, 79, 90, 96]))
        if route.rule.endswith(("/file", "/stage")):
            headers["Content-Type"] = "application/octet-stream"
        raw = b"" if route.method in ("GET", "DELETE") else json.dumps(body).encode()
        return FuzzedRequest(route, route.method, path, headers, raw)

    def _known(self, match: re.Match[str]) -> str:
        if match["values"] or match["kind"] == "int":
            return self._value(match)
        return _quoted(self._knowledge.one(self._rng, *_kinds(match)))

    def _filled_in(self, route: Route, value: Callable[[re.Match[str]], str]) -> str:
        """Return the path of a route, with values in place of its placeholders."""
        self._last = ""

        def kept(match: re.Match[str]) -> str:
            self._last = unquote(value(match))
            return _quoted(self._last)

        return _PLACEHOLDER.sub(kept, route.rule)

    # -- the parts of a request ----------------------------------------------------------------------------------------

    def _path(self, route: Route) -> str:
        path = self._filled_in(route, self._value)
        if self._rng.random() < 0.03:
            path += self._rng.choice(["/", "//", "/x", "%00", "%ff", "/..", "%2F", ".json"])
        return path

    def _value(self, match: re.Match[str]) -> str:
        rng = self._rng
        if rng.random() < 0.15:
            return _quoted(odd_text(rng)).replace("/", "%2F") or "x"
        if match["values"]:
            return rng.choice([each.strip(" '\"") for each in match["values"].split(",")])
        if match["kind"] == "int":
            return rng.choice(["0", "1", "2", "9" * 25])
        return _quoted(self._knowledge.one(rng, *_kinds(match)))

    def _query(self) -> str:
        rng = self._rng
        if rng.random() < 0.5:
            return ""
        pairs = [(rng.choice(vocabulary.PARAMETERS), odd_text(rng)) for _ in range(rng.choice([1, 1, 2, 3]))]
        if rng.random() < 0.03:
            return "?" + _quoted(odd_text(rng))
        return "?" + urlencode(pairs, errors="replace")

    def _headers(self, route: Route) -> dict[str, str]:
        rng = self._rng
        headers = {"Host": "cloud.test", "Content-Type": "application/json", "X-Auth-Token": rng.choice(self._tokens)}
        if rng.random() < 0.03:
            headers["X-Auth-Token"] = odd_text(rng)
        if rng.random() < 0.5:
            service, highest = ("placement", 39) if route.rule.startswith("/placement") else ("compute", 96)
            headers["OpenStack-API-Version"] = f"{service} {2 if highest > 50 else 1}.{rng.randint(1, highest)}"
        if rng.random() < 0.1:
            headers[rng.choice(vocabulary.HEADERS)] = odd_text(rng)
        if "/v2/images/" in route.rule or rng.random() < 0.03:
            headers["Content-Type"] = rng.choice(vocabulary.CONTENT_TYPES)
        # A header is latin-1 on the wire, without control characters.
        return {
            name: re.sub(r"[\x00-\x1f]", "", value).encode("latin-1", "replace").decode("latin-1")
            for name, value in headers.items()
        }

    def _body(self, route: Route, method: str) -> bytes:
        rng = self._rng
        if method in ("GET", "HEAD", "DELETE") and rng.random() < 0.9:
            return b""
        if rng.random() < 0.05:
            return rng.choice(vocabulary.RAW_BODIES)
        value = self._filled(copy.deepcopy(self._plain_body(route)))
        for _ in range(rng.choice([0, 1, 1, 1, 2, 4])):
            value = self._mutated(value)
        raw = json.dumps(value).encode()
        return raw[: rng.randrange(len(raw) + 1)] if rng.random() < 0.01 else raw

    def _plain_body(self, route: Route) -> Any:
        """Return a body that may make sense at a route."""
        rng, words = self._rng, [word for word in route.rule.split("/") if word and "<" not in word]
        # Now and then a body of another call.
        near = words[-1:] if rng.random() < 0.9 else words[-2:]
        named = [body for word in near for body in vocabulary.BODIES.get(word, ())]
        shown = [body for word in near for body in self._knowledge.examples.get(_kind(word), ())]
        if shown and (not named or rng.random() < 0.4):
            return rng.choice(shown)
        if named:
            return rng.choice(named)
        return {words[-1] if words else "a": odd_value(rng)}

    def _filled(self, value: Any) -> Any:
        """Return ``value`` with ids in place of ``$KIND``."""
        if isinstance(value, str):
            return re.sub(r"\$(\w+)", self._referred, value)
        if isinstance(value, dict):
            return {self._filled(key): self._filled(item) for key, item in value.items()}
        return [self._filled(item) for item in value] if isinstance(value, list) else value

    def _referred(self, match: re.Match[str]) -> str:
        return self._last if match[1] == "self" else self._knowledge.one(self._rng, match[1])

    def _mutated(self, value: Any) -> Any:
        """Return ``value`` with one change, at any depth."""
        rng = self._rng
        if isinstance(value, dict) and value and rng.random() < 0.85:
            key = rng.choice(list(value))
            chance = rng.random()
            if chance < 0.08:
                del value[key]
            elif chance < 0.13:
                value[odd_text(rng)] = odd_value(rng)
            else:
                value[key] = self._mutated(value[key])
            return value
        if isinstance(value, list) and value and rng.random() < 0.7:
            index = rng.randrange(len(value))
            value[index] = self._mutated(value[index])
            return value + value if rng.random() < 0.05 else value
        return odd_value(rng)


def _kind(word: str) -> str:
    """Return the kind of the resources in a part of a path: ``aggregate`` for ``os-aggregates``."""
    return _singular(word.removeprefix("os-").replace("-", "_"))


def _kinds(match: re.Match[str]) -> list[str]:
    """Return the kinds that a placeholder may stand for: by the part of the path before it, then by its name."""
    before = match.string[: match.start()].strip("/").rsplit("/", 1)[-1]
    named = match["name"].removesuffix("_id").removesuffix("_name")
    return [_kind(before), "server" if named == "instance" else named]


def _singular(word: str) -> str:
    return word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")


def _quoted(text: str) -> str:
    return quote(text, errors="replace")
