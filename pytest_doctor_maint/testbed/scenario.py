"""A scenario: a cloud and its applications, which are maintained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from pytest_doctor_maint.actors.app_manager.base.policy import Policy
from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy
from pytest_doctor_maint.faults import Fault
from pytest_doctor_maint.refusal import check_keywords
from pytest_doctor_maint.testbed.maintenance import Plan
from pytest_doctor_maint.testbed.result import RunResult
from pytest_doctor_maint.testbed.run import carry_out
from pytest_doctor_maint.testbed.settings import TestbedSettings, played_by
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology, lay_out

PROJECT = "doctor"


@dataclass(frozen=True)
class Scenario:
    """The conditions at the start of a run. Every method returns a new scenario, so that calls can be chained.

    Attributes:
        settings: The actors and the cloud.
        topology: The computes and the applications.
        plan: The sessions and faults.
    """

    settings: TestbedSettings
    topology: Topology = field(default_factory=lambda: Topology(vcpus=()))
    plan: Plan = field(default_factory=Plan)

    def played_by(
        self, *, admin_tool: str = "sample", app_manager: str = "sample", inspector: str = "sample"
    ) -> Scenario:
        """Return the scenario with these actors, by name.

        Raises:
            UnknownName: There is no such actor; the message lists the known names.
            ValueError: The app manager needs what the admin tool does not offer.
        """
        return self.where(**played_by(admin_tool, app_manager, inspector))

    # -- given -------------------------------------------------------------------------------------------------------

    def on(self, computes: int, *, vcpus: int = 2) -> Scenario:
        """Return the scenario on this number of computes, each with this number of VCPUs."""
        return self.on_computes_with([vcpus] * computes)

    def on_computes_with(self, vcpus: Sequence[int]) -> Scenario:
        """Return the scenario on computes with these VCPUs, in order."""
        return replace(self, topology=Topology(tuple(vcpus)))

    def full(self) -> Scenario:
        """One application takes every VCPU; Nova's scheduler chooses the computes of its instances."""
        return self._with(ApplicationSpec(PROJECT, 2 * len(self.topology.vcpus)))

    def with_any_application(self) -> Scenario:
        """The app manager's application is taken as it is. An app manager in this process deploys one on every VCPU.

        The application must have instances, all ACTIVE. It need not have a redundant pair or a floating IP: claims
        about what a run does not have are not applicable.
        """
        return self._with(ApplicationSpec(PROJECT, 2 * len(self.topology.vcpus), any=True))

    def full_with_act_on(self, position: int) -> Scenario:
        """One application takes every VCPU; ACT starts on the compute with this index, STBY on the one after it."""
        return self._laid_out(self.topology.hosts, act_on=position)

    def with_one_empty_compute(self) -> Scenario:
        """One application takes all computes but the last."""
        return self.with_empty_computes(1)

    def with_empty_computes(self, count: int) -> Scenario:
        """One application takes all computes but the last ``count``."""
        return self._laid_out(self.topology.hosts[:-count])

    def with_instances_on(self, **computes: int) -> Scenario:
        """One application. Each of its instances starts on the compute with this index.

        Args:
            computes: The index of the compute by the instance's name, without ``doctor_`` and ``_app``: ``ha_0``,
                ``nonha_0``, …
        """
        application = ApplicationSpec(PROJECT, len(computes))
        homes = {f"doctor_{name.replace('_', '_app_')}": self.topology.hosts[at] for name, at in computes.items()}
        return self._with(replace(application, placement=homes))

    def with_room_but_no_empty_compute(self) -> Scenario:
        """One application; the last two computes are half full, all others full."""
        return self.with_single_instances_on(2)

    def with_single_instances_on(self, computes: int) -> Scenario:
        """One application; the last ``computes`` computes are half full, all others full."""
        return self._laid_out(self.topology.hosts, single=computes)

    def full_with_projects(self, *names: str) -> Scenario:
        """Applications of equal size, one for each of these projects, take every VCPU."""
        slots = 2 * len(self.topology.vcpus)
        shares = [slots // len(names) + (1 if index < slots % len(names) else 0) for index in range(len(names))]
        return self._with(*(ApplicationSpec(name, share) for name, share in zip(names, shares, strict=True)))

    def full_in_two_sessions(self) -> Scenario:
        """One application takes every VCPU; each half of the computes is maintained in a session of its own.

        ACT starts on the first half and STBY on the second. If both started on the same half of two computes, these
        could not be emptied: neither instance could move to another compute.
        """
        hosts = self.topology.hosts
        halves = [hosts[: len(hosts) // 2], hosts[len(hosts) // 2 :]]
        act, standby, *others = ApplicationSpec(PROJECT, 2 * len(hosts)).names
        slots = [host for host in hosts for _ in range(2)]
        for half in halves:
            slots.remove(half[0])
        placement = {act: halves[0][0], standby: halves[1][0], **dict(zip(others, slots, strict=True))}
        maintained = self._with(ApplicationSpec(PROJECT, 2 * len(hosts), placement))
        return replace(maintained, plan=replace(self.plan, sessions=halves))

    def maintaining(self, *hosts: str) -> Scenario:
        """One session with these computes only."""
        return replace(self, plan=replace(self.plan, sessions=[hosts]))

    def starting_in(self, seconds: float) -> Scenario:
        """The maintenance starts this many seconds after the admin's request, on the clock of the run.

        The default is 30 s. The sample admin tool refuses less than 10 s.
        """
        return replace(self, plan=replace(self.plan, notice=seconds))

    def deciding(self, project: str = PROJECT, /, **decisions: Any) -> Scenario:
        """The project's app manager has a policy with these decisions; see :class:`Policy`.

        Raises:
            UnknownSetting: There is no such decision.
        """
        check_keywords("Scenario.deciding()", decisions, (each.name for each in fields(Policy)))
        return self.with_policy(Policy(**decisions), project)

    def with_policy(self, policy: Policy, project: str = PROJECT) -> Scenario:
        """The project's app manager has this policy."""
        return self.where(policies={**self.settings.policies, project: policy})

    def constrained(self, project: str = PROJECT, /, **constraints: Any) -> Scenario:
        """The project's VNFM sets these constraints; see :class:`ConstraintPolicy`.

        Raises:
            UnknownSetting: There is no such constraint.
        """
        check_keywords("Scenario.constrained()", constraints, (each.name for each in fields(ConstraintPolicy)))
        policy = ConstraintPolicy(**constraints)
        return self.where(constraints={**self.settings.constraints, project: policy})

    def where(self, **settings: Any) -> Scenario:
        """Return the scenario with other settings; see :class:`TestbedSettings`.

        Raises:
            UnknownSetting: There is no such setting; the message has the nearest one and all that there are.
        """
        check_keywords("Scenario.where()", settings, (each.name for each in fields(TestbedSettings)))
        return replace(self, settings=replace(self.settings, **settings))

    def with_faults(self, *faults: Fault) -> Scenario:
        """Return the scenario with these faults armed."""
        return replace(self, plan=replace(self.plan, faults=(*self.plan.faults, *faults)))

    def asking_for(self, *actions: Mapping[str, Any]) -> Scenario:
        """The admin asks for these action plug-ins, each {plugin, type, metadata}. Fenix has them."""
        return replace(self, plan=replace(self.plan, actions=actions))

    # -- when --------------------------------------------------------------------------------------------------------

    def carry_out(self) -> RunResult:
        """Run the scenario once; see :func:`pytest_doctor_maint.testbed.run.carry_out`."""
        return carry_out(self.topology, self.settings, self.plan)

    def _laid_out(self, hosts: Sequence[str], *, act_on: int = 0, single: int = 0) -> Scenario:
        application = ApplicationSpec(PROJECT, 2 * len(hosts) - single)
        placement = lay_out(application.names, hosts, act_on=act_on, single=single)
        return self._with(replace(application, placement=placement))

    def _with(self, *applications: ApplicationSpec) -> Scenario:
        return replace(self, topology=replace(self.topology, applications=applications))
