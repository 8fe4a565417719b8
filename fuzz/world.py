"""A cloud with all actors, and requests that reach them without sockets."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from fuzz.findings import Fault, Finding, Tally
from fuzz.mutation import FuzzedRequest, Knowledge, Mutator, Route
from fuzz.state import fingerprint
from fuzz.vocabulary import COLLECTIONS
from pytest_doctor_maint.openstack.calls import call
from pytest_doctor_maint.simtime.http import App
from pytest_doctor_maint.simtime.http.headers import TOKEN_HEADER, environ_key
from pytest_doctor_maint.simtime.http.routing import routing_of
from pytest_doctor_maint.simtime.http.wires import MemoryWire, wire_of
from pytest_doctor_maint.testbed.cloud_under_test import EmbeddedCloudUnderTest
from pytest_doctor_maint.testbed.projects import make_member
from pytest_doctor_maint.testbed.settings import TestbedSettings, played_by
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

#: Real seconds after which a request counts as hanging.
HANG_SECONDS = 5.0
#: Statuses beyond 499 that are right answers: OpenStack has no such call, or a request has cut the cloud off from its
#: clients (by deleting an endpoint).
_HONEST = (501, 503)
#: The actors of the worlds, in turn.
CASTS = ({"admin_tool": "fenix", "app_manager": "vnfm"}, {"admin_tool": "sample"}, {"admin_tool": "fenix"})
_HOSTS = ("compute-1", "compute-2", "compute-3")


class World:
    """A cloud with actors and an application, and what is known of it.

    Args:
        testbed: The testbed, which runs.
        apps: The names and the applications of the actors by URL.
        seed: Makes all choices.
        number: The number of the world, for findings.

    Attributes:
        actors: The names and the applications of the actors by URL.
        name: The name of the world, for findings.
    """

    def __init__(self, testbed: Testbed, apps: dict[str, tuple[str, App]], seed: str, number: int) -> None:
        self._testbed = testbed
        self._clock = testbed.clock
        self._wire = cast("MemoryWire", wire_of(testbed.clock))
        self._cloud = cast("EmbeddedCloudUnderTest", testbed.cloud).cloud
        self.actors = apps
        self.name = f"world {number}"
        self._rng = random.Random(f"{seed}/{number}")  # noqa: S311
        self._knowledge = Knowledge()
        self._tokens = [
            *(self._token(role) for role in ("admin", "admin", "member", "reader")),
            self._token_of_a_new_project(),
            "",
        ]
        self._all_routes = list(self._routes(apps))
        self._mutator = Mutator(self._rng, self._all_routes, self._knowledge, self._tokens)
        self._learn()

    def run(self, requests: int, tally: Tally) -> None:
        """Send requests, and count the answers and what must not be; end early when the admin is locked out."""
        for route in self._all_routes:
            tally.routes.setdefault(route.service, set()).add(f"{route.method} {route.rule}")
        state = self._state()
        for _ in range(requests):
            if self._cloud.keystone.validate(self._tokens[0]) is None:
                return
            request = self._mutator.request()
            before, failures = self._clock.now(), len(self._clock.failures)
            began = perf_counter()
            status, body = self._send(request)
            tally.statuses[status] += 1
            if perf_counter() - began > HANG_SECONDS:
                self._found(tally, Fault.HANG, request, f"it took {perf_counter() - began:.0f} s")
            if (status >= 500 and status not in _HONEST) or len(self._clock.failures) > failures:
                self._found(tally, Fault.ERROR, request, f"{status} {body[:300]!r}{self._failed_since(failures)}")
            if status == 0:
                self._found(tally, Fault.DROPPED, request, body.decode(errors="replace"))
            after = self._state()
            # Where time has passed, others have worked.
            if 400 <= status < 500 and self._clock.now() == before:
                if request.method == request.route.method:
                    at = f"{request.method} {request.route.rule}"
                    tally.compared.setdefault(request.route.service, Counter())[at] += 1
                if after != state:
                    self._found(tally, Fault.CHANGE, request, f"{status} {body[:300]!r}")
            if 200 <= status < 300 and body[:1] in (b"{", b"["):
                self._knowledge.learn(json.loads(body))
            if self._rng.random() < 0.05:
                failures = len(self._clock.failures)
                self._clock.sleep(self._rng.choice([1.0, 30.0, 600.0]))
                if len(self._clock.failures) > failures:
                    self._found(tally, Fault.ERROR, request, f"afterwards{self._failed_since(failures)}")
                after = self._state()
            state = after

    def _found(self, tally: Tally, fault: Fault, request: FuzzedRequest, detail: str) -> None:
        tally.findings.append(Finding(fault, self.name, str(request), detail))

    def _failed_since(self, count: int) -> str:
        return "".join(f"; {failure.name} died: {failure.error!r}" for failure in self._clock.failures[count:])

    def _state(self) -> str:
        cloud, testbed = self._cloud, self._testbed
        return fingerprint(
            cloud.keystone, cloud.glance, cloud.neutron, cloud.nova, cloud.aodh,
            testbed.admin_tool, testbed.inspector, list(testbed.app_managers.values()),
        )  # fmt: skip

    # -- requests ------------------------------------------------------------------------------------------------------

    def known(self, name: str) -> str:
        """Return the id of something that is named so (``session_id``), or else of anything."""
        # Some things have an empty name.
        return self._knowledge.one(self._rng, name.removesuffix("_id")) or "unknown"

    def token(self) -> str:
        """Return a token, mostly that of the admin; empty for none."""
        return self._rng.choice(self._tokens[:1] * 5 + self._tokens)

    def _send(self, request: FuzzedRequest) -> tuple[int, bytes]:
        """Return the status and the body of the answer; the status 0 and the reason if there is no answer."""
        status, _, body = self.answer(request)
        return status, body

    def answer(self, request: FuzzedRequest) -> tuple[int, Mapping[str, str], bytes]:
        """Return the status, the headers and the body of the answer.

        The status is 0 if there is no answer; then the body is the reason.
        """
        endpoint = self._wire.endpoint_at(request.route.url)
        if endpoint is None:
            raise LookupError(f"no server at {request.route.url}")
        carried = self._clock.carry()
        environ = _environ(request)
        environ[environ_key(TOKEN_HEADER)] = carried or ""
        try:
            response = endpoint.answer(environ).as_response(request.method)
            return response.status, response.headers, response.data
        except Exception as error:
            return 0, {}, repr(error).encode()
        finally:
            self._clock.abandon(carried)

    def _routes(self, apps: dict[str, tuple[str, App]]) -> Iterator[Route]:
        for path, name, url, app in [
            *((path, path.strip("/"), self._cloud.url, app) for path, app in self._cloud.services().items()),
            *(("", name, url, app) for url, (name, app) in apps.items()),
        ]:
            for rule in routing_of(type(app)).map.iter_rules():
                for method in sorted((rule.methods or set()) - {"HEAD"}):
                    # The actors have few routes, and Neutron has one for all collections.
                    rules = (
                        [rule.rule.replace("<path>", word) for word in COLLECTIONS]
                        if "<path>" in rule.rule
                        else [rule.rule]
                    )
                    for each in rules:
                        yield from [Route(url, method, path + each, name)] * (1 if path else 12)

    def _learn(self) -> None:
        """Learn from everything that the admin may list and create."""
        self._knowledge.ids["token"] = [token for token in self._tokens if token]
        self._knowledge.ids["host"] = list(_HOSTS)
        admin = self._testbed.admin.session
        role = next(role for role in self._cloud.keystone.grants.roles.values() if role.name == "admin")
        self._knowledge.spared = {"admin", "default", role.id, admin.get_user_id() or "", admin.get_project_id() or ""}
        for request in self._mutator.first_requests():
            status, body = self._send(request)
            if 200 <= status < 300 and body[:1] in (b"{", b"["):
                self._knowledge.learn(json.loads(body))

    def _token(self, role: str) -> str:
        """Return the token of the admin, or of a user with a role in the project of the application."""
        testbed = self._testbed
        connection = testbed.admin
        if role != "admin":
            project = testbed.app_managers["doctor"].project_id
            user = make_member(testbed.admin, project, f"fuzz-{role}", "secret")
            if role != "member":
                roles = {each["name"]: each["id"] for each in call(testbed.admin.identity, "GET", "/roles")["roles"]}
                call(testbed.admin.identity, "PUT", f"/projects/{project}/users/{user}/roles/{roles[role]}")
                call(testbed.admin.identity, "DELETE", f"/projects/{project}/users/{user}/roles/{roles['member']}")
            connection = testbed.cloud.connect(f"fuzz-{role}", "secret", "doctor")
        return str(connection.session.get_token())

    def _token_of_a_new_project(self) -> str:
        """Return the token of a member of a project for which nothing has been made yet, such as security groups."""
        identity = self._testbed.admin.identity
        body = {"project": {"name": "fuzz-new", "domain_id": "default"}}
        project = str(call(identity, "POST", "/projects", body)["project"]["id"])
        make_member(self._testbed.admin, project, "fuzz-new", "secret")
        return str(self._testbed.cloud.connect("fuzz-new", "secret", "fuzz-new").session.get_token())


@contextmanager
def new_world(seed: str, number: int) -> Iterator[World]:
    """Yield a new world."""
    apps: dict[str, tuple[str, App]] = {}
    plays = played_by(**CASTS[number % len(CASTS)])

    def noted(name: str, make: Any) -> Any:  # the makers of three kinds of actors
        """Return a maker of actors that notes the application of each one."""

        def made(context: Any) -> Any:
            if hasattr(context, "is_open"):
                # What is behind the secrets of URLs is tried, too.
                context = replace(context, is_open=True)
            elif hasattr(context.settings, "is_open"):
                context = replace(context, settings=replace(context.settings, is_open=True))
            actor = make(context)
            root = urlsplit(actor.url)._replace(path="").geturl()

            def note(app: WSGIApplication) -> WSGIApplication:
                if isinstance(app, App):
                    apps[root] = (f"{name} {actor.name}", app)
                return app

            wire_of(context.clock).wrap(root, note)
            return actor

        return made

    roles = {"make_admin_tool": "admin tool", "make_app_manager": "app manager", "make_inspector": "inspector"}
    plays |= {name: noted(role, plays[name]) for name, role in roles.items()}
    doctor = ApplicationSpec("doctor", 4)
    doctor = replace(doctor, placement=lay_out(doctor.names, _HOSTS[:2]))
    with Testbed(Topology((2, 2, 2), (doctor,)), TestbedSettings(**plays, wire="memory", seed=number)) as testbed:
        testbed.deploy()
        yield World(testbed, apps, seed, number)


def _environ(request: FuzzedRequest) -> WSGIEnvironment:
    path, _, query = request.target.partition("?")
    environ: WSGIEnvironment = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": request.method,
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, errors="replace").encode().decode("latin-1"),
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(request.body)),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    if environ.get("HTTP_TRANSFER_ENCODING") == "chunked":
        environ["wsgi.input_terminated"] = True
        del environ["CONTENT_LENGTH"]
    return environ
