"""An app manager that tells the admin tool its constraints, and is then asked about each instance by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.sample import AppManager
from pytest_doctor_maint.actors.app_manager.vnfm.constraint_sync import ConstraintSync
from pytest_doctor_maint.actors.app_manager.vnfm.constraints import ConstraintPolicy
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Action, ProjectMessage, Step
from pytest_doctor_maint.simtime.clock import Clock

if TYPE_CHECKING:
    from openstack.connection import Connection


class Vnfm(AppManager):
    """Manages the application of one project through Fenix's ``vnf`` workflow.

    The constraints are there before the project hears of any session, follow the application while it scales or an
    instance is made anew, and go when it hears no more.

    Args:
        clock: All its time.
        history: Where alarms are recorded.
        connection: The project's.
        project_id: The project.
        name: The project's name; begins the names of what it makes.
        policy: What it decides.
        constraints: Which constraints it sets.
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self,
        clock: Clock,
        history: History,
        connection: Connection,
        *,
        project_id: str,
        name: str,
        policy: Policy | None = None,
        constraints: ConstraintPolicy | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(
            clock, history, connection, project_id=project_id, name=name, policy=policy, host=host, port=port
        )
        # A constraint stands before any instance is asked about, so one that depends on the instance cannot count.
        action = Action.MIGRATE if callable(self.policy.action) else Action(self.policy.action)
        self.register = ConstraintSync(
            self._service, self.application, project_id, name, constraints or ConstraintPolicy(), action
        )

    def subscribe(self) -> str:
        """Set the constraints, then create the alarm for this project's messages; gives the alarm's id.

        Raises:
            LookupError: No admin tool stands in the catalog.
            ConstraintRefused: The admin tool refused a constraint.
            openstack.exceptions.HttpException: Aodh refused.
        """
        self.register.follow()
        return super().subscribe()

    def unsubscribe(self) -> None:
        """Delete the alarm, if there is one, then the constraints.

        Raises:
            ConstraintRefused: The admin tool refused.
            openstack.exceptions.HttpException: Aodh refused.
        """
        super().unsubscribe()
        self.register.clear()

    def chosen(self, message: ProjectMessage, actions: Mapping[str, Action]) -> dict[str, Any]:
        """One action for the one instance that the message names; Fenix's ``default`` workflow gets one for each."""
        if isinstance(message.instance_ids, str):
            return super().chosen(message, actions)
        return {"instance_action": next(iter(actions.values())).value}

    def _handle(self, step: Step, message: ProjectMessage) -> None:
        if self.register.enter(step):
            self.register.follow()
        super()._handle(step, message)

    def _prepare(self, step: Step, message: ProjectMessage) -> dict[str, Action]:
        actions = super()._prepare(step, message)
        # Before the answer: from that on the admin tool goes by the constraints.
        self.register.follow()
        return actions

    def _act(self, message: ProjectMessage, actions: Mapping[str, Action]) -> None:
        super()._act(message, actions)
        self.register.follow()
