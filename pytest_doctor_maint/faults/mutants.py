"""A constraint is not heeded: a Fenix to which it seems that some VNFM asked for something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore, GroupConstraint, InstanceConstraint
from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow

Constraint = TypeVar("Constraint", InstanceConstraint, GroupConstraint)


class ConstraintOverride(ConstraintStore):
    """The constraints, but for what is hidden: some fields of them seem to have other values.

    What is said of ACT and STBY stays as it is: an application that loses both would say so before any claim does.

    Args:
        constraints: The constraints as they are.
        hidden: The values that fields of an instance's or a group's constraint seem to have.
    """

    def __init__(self, constraints: ConstraintStore, hidden: Mapping[str, Any]) -> None:
        self._constraints = constraints
        self._hidden = hidden

    def instance(self, instance_id: str) -> InstanceConstraint | None:
        return self._veiled(self._constraints.instance(instance_id))

    def group(self, group_id: str) -> GroupConstraint | None:
        return self._veiled(self._constraints.group(group_id))

    def group_of(self, instance_id: str) -> GroupConstraint | None:
        return self._veiled(self._constraints.group_of(instance_id))

    def members(self, group_id: str) -> list[str]:
        return self._constraints.members(group_id)

    def _veiled(self, constraint: Constraint | None) -> Constraint | None:
        if constraint is None:
            return None
        name = constraint.instance_name if isinstance(constraint, InstanceConstraint) else constraint.group_name
        if "nonha" not in name:
            return constraint
        fields = type(constraint).model_fields
        return constraint.model_copy(update={key: value for key, value in self._hidden.items() if key in fields})


class Unheeding(VnfWorkflow):
    """Carries out a session as if some constraints were others.

    Attributes:
        hidden: See :class:`ConstraintOverride`.
    """

    hidden: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, *args: Any, constraints: ConstraintStore, **more: Any) -> None:
        super().__init__(*args, constraints=ConstraintOverride(constraints, self.hidden), **more)

    def _ranked(self, hosts: Sequence[str]) -> list[str]:
        # In the order given, so that the scenario says what comes where, and no estimate does.
        return list(hosts)


def fenix_that_takes(**hidden: Any) -> type[Fenix]:
    """A Fenix that heeds all constraints, but takes these fields to have these values, whatever the VNFM says.

    Args:
        hidden: Values by the fields' names: ``lead_time=0.0``, ``max_impacted_members=1000``, …

    Raises:
        ValueError: No constraint has such a field.
    """
    known = InstanceConstraint.model_fields.keys() | GroupConstraint.model_fields.keys()
    if unknown := sorted(hidden.keys() - known):
        raise ValueError(f"no constraint has {', '.join(unknown)}; there are {', '.join(sorted(known))}")

    class Workflow(Unheeding):
        """With these values."""

    Workflow.hidden = hidden

    class UnheedingFenix(Fenix):
        """With that workflow."""

        workflows: ClassVar[Mapping[str, type[FenixWorkflow]]] = {**Fenix.workflows, "vnf": Workflow}

    return UnheedingFenix
