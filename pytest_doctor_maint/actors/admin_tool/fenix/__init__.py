"""Fenix: an admin tool with the HTTP API of OpenStack's unofficial project of that name."""

from __future__ import annotations

from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionContext, ActionPlugin, ActionType
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.contract import AdminToolActor, AdminToolContext
from pytest_doctor_maint.actors.registry import ACTIONS, CONSTRAINTS, ActorSpec
from pytest_doctor_maint.protocol import FENIX

__all__ = ["SPEC", "ActionContext", "ActionPlugin", "ActionType", "FenixSettings"]


def make(context: AdminToolContext[FenixSettings]) -> AdminToolActor:
    """Return Fenix."""
    # openstacksdk takes half a second to import, which a list of the actors must not cost.
    from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix

    return Fenix(context)


SPEC = ActorSpec(
    summary="an admin tool with the HTTP API of OpenStack Fenix",
    make=make,
    settings=FenixSettings,
    dialect=FENIX,
    workflows=("default", "vnf"),
    provides=frozenset({CONSTRAINTS, ACTIONS}),
)
