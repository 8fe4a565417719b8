"""Fenixes that do not respect a constraint: each reads another value in place of the one that the VNFM has set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, TypeVar

from pytest_doctor_maint.actors.admin_tool.fenix.context import FenixWorkflowContext
from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import (
    ConstraintReader,
    GroupConstraintBody,
    InstanceConstraintBody,
)
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow
from pytest_doctor_maint.protocol.constraints import FIELDS, Value

Constraint = TypeVar("Constraint", InstanceConstraintBody, GroupConstraintBody)


class ConstraintOverride:
    """The constraints of VNFMs, except that some fields have other values.

    The constraints of ACT and STBY are not changed: an application that loses both would say so before any claim does.

    Args:
        constraints: The constraints that VNFMs have set.
        overrides: The other values, by the name of the field of an instance's or a group's constraint.
    """

    def __init__(self, constraints: ConstraintReader, overrides: Mapping[str, Value]) -> None:
        self._constraints = constraints
        self._overrides = overrides

    def instance(self, instance_id: str) -> InstanceConstraintBody | None:
        """Return the constraint of an instance; None if no constraint is set."""
        found = self._constraints.instance(instance_id)
        return found if found is None else self._overridden(found, found.instance_name)

    def group(self, key: str) -> GroupConstraintBody | None:
        """Return the constraint of the group with this key; None if no constraint is set."""
        found = self._constraints.group(key)
        return found if found is None else self._overridden(found, found.group_name)

    def group_of(self, instance_id: str) -> GroupConstraintBody | None:
        """Return the constraint of the instance's group; None if no constraint is set."""
        found = self._constraints.group_of(instance_id)
        return found if found is None else self._overridden(found, found.group_name)

    def members(self, key: str) -> list[str]:
        """Return the ids of the instances in the group with this key."""
        return self._constraints.members(key)

    def _overridden(self, constraint: Constraint, name: str) -> Constraint:
        if "nonha" not in name:
            return constraint
        fields = type(constraint).model_fields
        return constraint.model_copy(update={key: value for key, value in self._overrides.items() if key in fields})


class OverridingWorkflow(VnfWorkflow):
    """Carries out a session as if some constraints had other values.

    Attributes:
        overrides: The other values, by the name of the field; see :class:`ConstraintOverride`.
    """

    overrides: ClassVar[Mapping[str, Value]] = {}

    def __init__(self, context: FenixWorkflowContext) -> None:
        super().__init__(replace(context, constraints=ConstraintOverride(context.constraints, self.overrides)))

    def ranked(self, hosts: Sequence[str]) -> list[str]:
        # The order is that of the request: the scenario decides it, not an estimate of durations.
        return list(hosts)


def fenix_that_reads(**overrides: Value) -> type[Fenix]:
    """Return a Fenix that respects all constraints, but reads these values for these fields.

    Args:
        overrides: Values by the fields' names: ``lead_time=0.0``, ``max_impacted_members=1000``, …

    Raises:
        ValueError: There is no constraint with such a field.
    """
    known = {field.name for field in FIELDS}
    if unknown := sorted(overrides.keys() - known):
        raise ValueError(f"no constraint has {', '.join(unknown)}; there are {', '.join(sorted(known))}")

    class Workflow(OverridingWorkflow):
        """Reads these values."""

    Workflow.overrides = overrides

    class MutantFenix(Fenix):
        """Uses that workflow."""

        workflows: ClassVar[Mapping[str, type[FenixWorkflow]]] = {**Fenix.workflows, "vnf": Workflow}

    return MutantFenix
