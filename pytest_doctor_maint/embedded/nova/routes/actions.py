"""``POST /servers/ID/action``: the methods that carry out actions on servers, and how they are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pytest_doctor_maint.embedded.nova.errors import Invalid, Refused
from pytest_doctor_maint.embedded.nova.microversions import LOWEST, Version
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService, check_lock
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

Handler = TypeVar("Handler", bound=Callable[..., Any])

ACCEPTED: Answer = (202, None)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What the method of an action returns if the action waits on the clock before it is answered.

    Attributes:
        finish: Waits, does the rest, and returns the answer. It is called without the core's lock.
    """

    finish: Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Rule:
    """How an action is carried out.

    Attributes:
        handler: The name of the method.
        schemas: The schemas of the body.
        lowest: The first microversion with this action.
        highest: The last microversion with this action; None: all later ones have it.
        admin: True if only admins may request it.
        locked: True if it is allowed on a locked server.
    """

    handler: str
    schemas: Schemas
    lowest: Version
    highest: Version | None
    admin: bool
    locked: bool


def action(
    name: str,
    schemas: Schemas,
    *,
    lowest: Version = LOWEST,
    highest: Version | None = None,
    admin: bool = False,
    locked: bool = False,
) -> Callable[[Handler], Handler]:
    """Carry out the action ``name`` with the decorated method. See :class:`Rule` for the options.

    The method takes the request, the server and the value in the body, and returns an answer, or :class:`Unfinished`.
    """

    def mark(handler: Handler) -> Handler:
        handler._action = (name, Rule(handler.__name__, schemas, lowest, highest, admin, locked))  # type: ignore[attr-defined]
        return handler

    return mark


def rules_of(service: type) -> dict[str, Rule]:
    """Return the actions that the methods of a class carry out, by name.

    Raises:
        TypeError: A method hides another one and drops its action, or two methods carry out the same action.
    """
    found: dict[str, Rule] = {}
    for owner in service.__mro__:
        for attribute, method in vars(owner).items():
            mark: tuple[str, Rule] | None = getattr(method, "_action", None)
            if mark is None:
                continue
            name, rule = mark
            if getattr(getattr(service, attribute), "_action", None) is not mark:
                raise TypeError(f"{service.__qualname__}: {attribute} hides the one that carries out {name}")
            if name in found:
                raise TypeError(f"{service.__qualname__}: {found[name].handler} and {attribute} both carry out {name}")
            found[name] = rule
    return found


#: The actions of each class, which are collected when the class is defined.
_RULES: dict[type, Mapping[str, Rule]] = {}


class ActionRoutes(NovaService):
    """Actions on servers. A subclass marks the methods that carry them out with :func:`action`."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _RULES[cls] = rules_of(cls)

    @route("POST", "/v2.1/servers/<server_id>/action", waits=True)
    def act(self, request: NovaRequest, server_id: str) -> Answer:
        """Carry out an action on a server."""
        with self.core.lock:
            answer = self._act(request, server_id)
        return answer.finish() if isinstance(answer, Unfinished) else answer

    def _act(self, request: NovaRequest, server_id: str) -> Answer | Unfinished:
        body = request.json_object()
        if len(body) != 1:
            raise Invalid("There must be exactly one action in the body.")
        (name,) = body
        rule = _RULES[type(self)].get(name)
        if rule is None:
            raise Invalid(f"There is no such action: {name}.")
        if not rule.lowest <= request.version <= (rule.highest or self.highest):
            raise HttpError(404, "The resource could not be found.")
        if rule.admin and not request.caller.is_admin:
            raise Refused(f"Policy doesn't allow os_compute_api:{name} to be performed.")
        value = request.valid_body(rule.schemas)[name]
        server = self.nova.server(server_id, request.caller)
        if not rule.locked:
            check_lock(request, server)
        answer: Answer | Unfinished = getattr(self, rule.handler)(request, server, value)
        return answer
