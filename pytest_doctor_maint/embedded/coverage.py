"""The list of the API calls that the embedded cloud serves, generated from the routes of its services.

``python -m pytest_doctor_maint.embedded.coverage`` writes it to ``COVERAGE.md`` next to this module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.core import CloudSettings
from pytest_doctor_maint.embedded.keystone.catalog import SERVICES
from pytest_doctor_maint.embedded.nova.routes.actions import ActionRoutes, rules_of
from pytest_doctor_maint.embedded.service import Service, Version
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.http.routing import routing_of
from pytest_doctor_maint.simtime.ids import Ids

FILE = Path(__file__).with_name("COVERAGE.md")
COMMAND = "python -m pytest_doctor_maint.embedded.coverage"

_INTRODUCTION = f"""\
# API calls of the embedded cloud

This file is generated from the routes: run `{COMMAND}` to write it again.

Each table lists the calls of one service, with paths below the URL of the service. A `GET` call answers `HEAD`, too.
The column *Access* says who may use the call: *public* needs no token, *token* needs any valid token, and any other
word is the role that the caller must hold (`admin` implies `member`, which implies `reader`). What the caller sees and
may change then depends on the caller's project, as in OpenStack.

The column *Microversions* has the first and the last microversion that has the call.
Below each table stands what OpenStack has and the embedded cloud does not serve: it answers 404 or 405.
"""

NOT_SERVED: Mapping[str, Mapping[str, str]] = {
    "/identity": {
        "GET /v3/OS-FEDERATION/identity_providers": "federation",
        "POST /v3/OS-OAUTH1/request_token": "tokens for OAuth consumers",
        "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints": "policies of endpoints",
        "POST /v3/ec2tokens": "tokens for EC2 keys",
        "POST /v3/s3tokens": "tokens for S3",
        "GET /v3/OS-REVOKE/events": "revocation events",
    },
    "/compute": {
        "GET /v2.1/servers/{server_id}/shares": "shares of servers",
        "GET /v2.1/os-volumes": "the proxies for volumes and snapshots",
        "GET /v2.1/os-baremetal-nodes": "the proxy for bare metal",
        "POST /v2.1/os-assisted-volume-snapshots": "assisted snapshots of volumes",
        "GET /v2.1/os-console-auth-tokens/{token}": "tokens of consoles",
    },
    "/placement": {
        "POST /resource_providers": "everything that changes something",
    },
    "/networking": {
        "GET /v2.0/qos/policies": "quality of service",
        "GET /v2.0/trunks": "trunks",
        "GET /v2.0/address-groups": "address groups",
        "GET /v2.0/local_ips": "local IPs",
        "GET /v2.0/segments": "segments",
        "GET /v2.0/flavors": "flavors of services",
        "GET /v2.0/metering/metering-labels": "metering",
        "GET /v2.0/log/logs": "logs",
        "GET /v2.0/floatingips/{floatingip_id}/port_forwardings": "port forwardings",
        "GET /v2.0/routers/{router_id}/conntrack_helpers": "conntrack helpers",
        "GET /v2.0/routers/{router_id}/l3-agents": "the placement of routers and networks on agents",
        "GET /v2.0/ports/{port_id}/bindings": "several bindings of a port",
    },
    "/image": {
        "GET /v2/cache": "the cache of images",
        "GET /v2/images/{image_id}/locations": "locations of images",
        "GET /v2/info/stores/detail": "details of stores",
        "DELETE /v2/tasks/{task_id}": "deleting tasks",
    },
    "/volume": {"POST /v3/snapshots": "everything that creates or changes something"},
}
"""What is not served, by the path of the service: a call as an example, and what it belongs to."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PLACEHOLDER = re.compile(r"<(?:\w+(?:\(([^)]*)\))?:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a service.

    Attributes:
        path: The path below the service's URL, with values in braces.
        access: ``public``, ``token``, or the role that the call needs.
        versions: The first and the last microversion of the call; None if the service has no microversions.
        description: One sentence.
    """

    path: str
    method: str
    access: str
    versions: tuple[Version, Version] | None
    description: str


class _Unrecorded:
    """A recorder that forgets everything."""

    def append(self, actor: str, kind: str, data: Mapping[str, Any]) -> None:
        """Record nothing."""

    def alias(self, base_url: str, name: str) -> None:
        """Record nothing."""


def render() -> str:
    """Return the list of all calls as Markdown."""
    clock = SimulatedClock(seed=0)
    cloud = CloudState(clock, _Unrecorded(), Ids(0), CloudSettings())
    try:
        return "\n".join([_INTRODUCTION, *(_section(path, app) for path, app in cloud.services().items())])
    finally:
        clock.stop()


def calls(app: Service) -> Iterator[Call]:
    """Yield the calls of a service, as its routes define them."""
    routing = routing_of(type(app))
    for rule in routing.map.iter_rules():
        name, options = routing.endpoints[rule.endpoint]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield Call(
                _PLACEHOLDER.sub(_braces, rule.rule),
                method,
                _access(app, method, options),
                _versions(app, options),
                _description(name, getattr(type(app), name).__doc__),
            )


def _access(app: Service, method: str, options: Mapping[str, Any]) -> str:
    return "public" if options.get("public") else app.needed_role(method, options) or "token"


def _versions(app: Service, options: Mapping[str, Any]) -> tuple[Version, Version] | None:
    if app.microversions is None or options.get("public"):
        return None
    lowest, highest = app.microversions
    return options.get("min", lowest), options.get("max", highest)


def _description(name: str, docstring: str | None) -> str:
    """Return the first line of a handler's docstring; a handler without one is described by its name."""
    return docstring.strip().partition("\n")[0] if docstring else f"{name.replace('_', ' ').capitalize()}."


def _braces(match: re.Match[str]) -> str:
    return "{" + (match[1].replace(", ", "\\|") if match[1] else match[2]) + "}"


def _section(path: str, app: Service) -> str:
    kind, name = next((kind, name) for kind, name, url in SERVICES if url.startswith(path))
    found = sorted(calls(app), key=lambda call: (call.path, _METHODS.index(call.method)))
    lines = [f"## {name.capitalize()}", "", f"Service type `{kind}`, at `{path}`. Number of calls: {len(found)}."]
    for placeholder, values in app.choices.items():
        lines.append(f"`{{{placeholder}}}` is one of {', '.join(f'`{value}`' for value in values)}.")
    titles = ["Method", "Path", *(["Microversions"] if app.microversions else []), "Access", "Description"]
    lines += ["", _row(titles), _row(["---"] * len(titles))]
    for call in found:
        versions = [_range(call.versions)] if app.microversions else []
        lines.append(_row([call.method, f"`{call.path}`", *versions, call.access, call.description]))
    if isinstance(app, ActionRoutes):
        lines += ["", *_actions(app)]
    if missing := NOT_SERVED.get(path):
        lines += ["", "Not served: " + ", ".join(f"{what} (`{call}`)" for call, what in missing.items()) + "."]
    return "\n".join(lines) + "\n"


def _actions(app: ActionRoutes) -> Iterator[str]:
    """Yield the lines about the actions on servers."""
    rules = rules_of(type(app))
    yield f"Actions of `POST /v2.1/servers/{{server_id}}/action`. Number of actions: {len(rules)}."
    yield ""
    yield _row(["Action", "Microversions", "Access", "On a locked server"])
    yield _row(["---"] * 4)
    for name, rule in sorted(rules.items()):
        versions = _range((rule.lowest, rule.highest or app.highest))
        yield _row([f"`{name}`", versions, "admin" if rule.admin else "member", "yes" if rule.locked else "admin only"])


def _range(versions: tuple[Version, Version] | None) -> str:
    return "-".join(f"{major}.{minor}" for major, minor in versions) if versions else ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
