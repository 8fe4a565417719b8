"""The sample admin tool: the use case in its own words, with an HTTP API of its own."""

from __future__ import annotations

from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.contract import AdminToolActor, AdminToolContext
from pytest_doctor_maint.actors.registry import ActorSpec
from pytest_doctor_maint.protocol import SAMPLE

__all__ = ["SPEC", "AdminToolSettings"]


def make(context: AdminToolContext[AdminToolSettings]) -> AdminToolActor:
    """Return the sample admin tool."""
    # openstacksdk takes half a second to import, which a list of the actors must not cost.
    from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool

    return SampleAdminTool(context)


SPEC = ActorSpec(
    summary="the sample admin tool, which speaks the words of the use case",
    make=make,
    settings=AdminToolSettings,
    dialect=SAMPLE,
)
