"""An app manager that sets constraints with the admin tool, and then gets a message about each instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.actors.app_manager.base.handover_guard import CannotComply
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.actors.app_manager.vnfm.constraint_sync import ConstraintSync
from pytest_doctor_maint.actors.app_manager.vnfm.constraints import ConstraintPolicy
from pytest_doctor_maint.actors.contract import AppManagerContext
from pytest_doctor_maint.actors.registry import CONSTRAINTS, ActorSpec
from pytest_doctor_maint.openstack.calls import CLIENT_PATIENCE, patient
from pytest_doctor_maint.protocol import Action, ProjectMessage, Step


class Vnfm(AppManager):
    """Manages the application of one project through Fenix's ``vnf`` workflow.

    The constraints are set before the project gets any message. They follow the application while it scales or an
    instance is re-created, and are deleted after the project's alarm.

    Args:
        context: The context from the testbed.

    Attributes:
        constraint_sync: Keeps the admin tool's constraints equal to those of the application.

    Raises:
        OSError: The address cannot be bound.
    """

    name = "vnfm"

    def __init__(self, context: AppManagerContext) -> None:
        super().__init__(context)
        # Constraints are set before there is any message about an instance, so an action that depends on the instance
        # cannot be used.
        action = Action.MIGRATE if callable(self.policy.action) else Action(self.policy.action)
        self.constraint_sync = ConstraintSync(
            self.service,
            self.application,
            self.project_id,
            self.project_name,
            context.constraints or ConstraintPolicy(),
            action,
        )

    def subscribe(self) -> str:
        """Set the constraints, then create the alarm for this project's messages, and return the alarm's id.

        Raises:
            LookupError: The catalog has no admin tool.
            ConstraintRefused: The admin tool refused a constraint.
            openstack.exceptions.HttpException: Aodh refused.
        """
        with patient(self.clock, CLIENT_PATIENCE):
            self.constraint_sync.update()
        return super().subscribe()

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one, then the constraints.

        Raises:
            ConstraintRefused: The admin tool refused.
            openstack.exceptions.HttpException: Aodh refused.
        """
        super().unsubscribe()
        with patient(self.clock, CLIENT_PATIENCE):
            self.constraint_sync.clear()

    def begin(self, step: Step) -> None:
        if self.constraint_sync.begin_step(step):
            self._update_constraints()

    def prepare(self, step: Step, message: ProjectMessage) -> dict[str, Action]:
        actions = super().prepare(step, message)
        # Before the reply: after that the admin tool relies on the constraints.
        self._update_constraints()
        return actions

    def act(self, message: ProjectMessage, actions: Mapping[str, Action]) -> None:
        super().act(message, actions)
        self._update_constraints()

    def restore(self, message: ProjectMessage) -> None:
        super().restore(message)
        self._update_constraints()

    def _update_constraints(self) -> None:
        """Set the constraints as the application is now.

        Raises:
            CannotComply: The admin tool refused a constraint, or is not in the catalog.
        """
        try:
            self.constraint_sync.update()
        except LookupError as error:
            raise CannotComply(str(error)) from error

    def chosen(self, message: ProjectMessage, actions: Mapping[str, Action]) -> dict[str, Any]:
        """Return one action for the one instance that the message names.

        Fenix's ``default`` workflow, whose messages name a URL, gets an action for each instance.
        """
        if isinstance(message.instance_ids, str):
            return super().chosen(message, actions)
        return {"instance_action": next(iter(actions.values())).value}


SPEC = ActorSpec(
    summary="the sample app manager as a VNFM, which sets ETSI's constraints with Fenix and uses its workflow vnf",
    make=Vnfm,
    default_workflow="vnf",
    needs=frozenset({CONSTRAINTS}),
)
