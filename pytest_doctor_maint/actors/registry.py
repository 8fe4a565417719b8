"""The actors by name: each is one :class:`ActorSpec` behind an entry point, of this package or of another one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.registry import Registry

if TYPE_CHECKING:
    # The plugin imports this module in every test suite, and the protocol imports pydantic.
    from pytest_doctor_maint.protocol import Dialect

#: The capability of an admin tool to take the constraints of VNFMs.
CONSTRAINTS = "constraints"
#: The capability of an admin tool to run action plug-ins in its sessions.
ACTIONS = "action plug-ins"


@dataclass(frozen=True, slots=True)
class ActorSpec:
    """An actor that can be chosen by name.

    Attributes:
        summary: One line for ``doctor-maint list actors``.
        make: Makes the actor: its class, or a function. It is called with the context of the role
            (:mod:`pytest_doctor_maint.actors.contract`).
        settings: Makes the default settings of an admin tool, which become the context's `settings`; None for the other
            roles.
        dialect: The words and windows of an admin tool; None for the other roles.
        workflows: The names of the workflows of an admin tool.
        default_workflow: The workflow for which an app manager is made. Sessions request it by default.
        provides: The capabilities of an admin tool beyond the use case, such as :data:`CONSTRAINTS`.
        needs: The capabilities of the admin tool that an app manager needs.
    """

    summary: str
    make: Callable[[Any], Any]
    settings: Callable[[], Any] | None = None
    dialect: Dialect | None = None
    workflows: tuple[str, ...] = ("default",)
    default_workflow: str = "default"
    provides: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


ADMIN_TOOLS = Registry("admin tool", "pytest_doctor_maint.admin_tools", ActorSpec)
APP_MANAGERS = Registry("app manager", "pytest_doctor_maint.app_managers", ActorSpec)
INSPECTORS = Registry("inspector", "pytest_doctor_maint.inspectors", ActorSpec)


def names_of(actors: Registry[ActorSpec]) -> tuple[str, ...]:
    """Return the names of the actors of a role, without importing them. The sample comes first, as the default."""
    return tuple(sorted(actors.names(), key=lambda name: (name != "sample", name)))
