"""The context of Fenix's workflows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from pytest_doctor_maint.actors.admin_tool.base.context import WorkflowContext
from pytest_doctor_maint.actors.admin_tool.fenix.actions import Actions
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintReader
from pytest_doctor_maint.actors.admin_tool.vnf.impact_tracker import ImpactTracker


@dataclass(frozen=True, slots=True)
class FenixWorkflowContext(WorkflowContext):
    """The context of a workflow of Fenix.

    Attributes:
        actions: The session's action plug-ins.
        constraints: The constraints that VNFMs have set; the ``default`` workflow ignores them.
        impacts: The impacts of all sessions; the ``default`` workflow does not record its own there.
    """

    actions: Actions
    constraints: ConstraintReader
    impacts: ImpactTracker

    @classmethod
    def extending(
        cls, base: WorkflowContext, *, actions: Actions, constraints: ConstraintReader, impacts: ImpactTracker
    ) -> Self:
        """Return the context `base` with Fenix's own parts."""
        shared = {field.name: getattr(base, field.name) for field in fields(WorkflowContext)}
        return cls(**shared, actions=actions, constraints=constraints, impacts=impacts)
