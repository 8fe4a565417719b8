"""Admin tools that break one rule each, in real runs: the claim about that rule is violated."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from pytest_doctor_maint.actors.admin_tool.base.context import WorkflowContext
from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings
from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool
from pytest_doctor_maint.protocol import Action, Reply, Step, parse_reply
from pytest_doctor_maint.testbed.scenario import Scenario
from tests.support.broken import Caught, sample_with


class CompletesTooEarly(Workflow):
    """Sends MAINTENANCE_COMPLETE before the last compute is maintained."""

    def next_host(self) -> str | None:
        host = super().next_host()
        if host is not None and len(self.maintained) == len(self.hosts) - 1:
            self.complete(sorted({instance.project_id for instance in self.cloud.instances(self.hosts)}))
        return host


class ReportsTheEndFirst(Workflow):
    """Sends MAINTENANCE_COMPLETE for a compute before IN_MAINTENANCE."""

    def work_on(self, host: str) -> None:
        self.send_host_message(host, Step.MAINTENANCE_COMPLETE)
        super().work_on(host)


class HurriesProjects(Workflow):
    """Leaves less time for the reply than its settings require."""

    def reply_due(self, step: Step) -> datetime:
        return (self.clock.now() + timedelta(seconds=60)).replace(microsecond=0)


class DoesNotWait(Workflow):
    """Assumes that every project agrees: it moves instances without a reply."""

    def wait_for_replies(self, messages: Sequence[Message]) -> dict[str, Reply]:
        # As soon as the project has the message: its reply to a PLANNED_MAINTENANCE about ACT takes longer.
        self.clock.sleep(0.1)
        return {
            message.project_id: parse_reply(
                {"state": "ACK", "instance_actions": dict.fromkeys(message.instance_ids, Action.MIGRATE)}
            )
            for message in messages
        }


class StartsAtOnce(Workflow):
    """Does not wait for the announced start."""

    def wait_for_start(self) -> None:
        pass


class KeepsComputesEnabled(Workflow):
    """Maintains computes to which Nova may still schedule."""

    def disable(self, host: str) -> None:
        pass


class LeavesComputesDisabled(Workflow):
    """Never enables a compute again."""

    def enable(self, host: str) -> None:
        pass


class MaintainsFullComputes(Workflow):
    """Works on computes that still have instances."""

    def empty_by_plan(self, host: str) -> None:
        pass


class MaintainsTwice(Workflow):
    """Works on the first empty compute twice."""

    def disable_hosts(self) -> None:
        super().disable_hosts()
        host = self.empty_hosts()[0]
        self.work_on(host)
        self.maintained.remove(host)
        self.disable(host)


class SkipsTheLast(Workflow):
    """Never maintains the last compute."""

    def next_host(self) -> str | None:
        host = super().next_host()
        return None if len(self.maintained) == len(self.hosts) - 1 else host


class MovesBack(Workflow):
    """Moves instances to computes that are still to be maintained."""

    def targets(self) -> list[str]:
        for host in self.hosts:
            self.cloud.enable(host)
        return [host for host in self.hosts if host not in self.maintained] + super().targets()


class DoesNotReportMoves(Workflow):
    """Sends no ADMIN_ACTION_DONE."""

    def report_done(self, instance: Instance) -> None:
        pass


class ReportsMovesTwice(Workflow):
    """Sends ADMIN_ACTION_DONE twice."""

    def report_done(self, instance: Instance) -> None:
        super().report_done(instance)
        super().report_done(instance)


class ActsAgainstTheReply(Workflow):
    """Live-migrates instances for which the project chose a cold migration."""

    def move(self, instance: Instance, action: Action, target: str) -> None:
        super().move(instance, Action.LIVE_MIGRATE, target)


class DoesNothing(Workflow):
    """Does nothing, and reports that the session is done."""

    def maintain(self) -> None:
        pass


class Dies(Workflow):
    """Its thread ends with an unexpected exception."""

    def wait_for_start(self) -> None:
        raise ZeroDivisionError("a bug")


class AnnouncesToHalf(Workflow):
    """Announces the maintenance to all projects except one."""

    def ask(
        self,
        step: Step,
        instances: Sequence[Instance],
        *,
        projects: Iterable[str] | None = None,
        due: datetime | None = None,
        actions_at: datetime | None = None,
        allowed: tuple[Action, ...] = (),
    ) -> tuple[dict[str, Reply], datetime]:
        if step is Step.MAINTENANCE:
            left_out = min(instance.project_id for instance in instances)
            instances = [instance for instance in instances if instance.project_id != left_out]
        return super().ask(step, instances, projects=projects, due=due, actions_at=actions_at, allowed=allowed)


class NeverCompletes(Workflow):
    """Does not let the projects return to their full capacity."""

    def complete(self, projects: Iterable[str]) -> None:
        pass


class NamesTheProject(Workflow):
    """Writes the admin project's name where its id belongs, as the Fenix of 2019 did."""

    def __init__(self, context: WorkflowContext) -> None:
        super().__init__(replace(context, admin_project_id="admin"))


class ReportsToTheWrongProject(Workflow):
    """Sends ADMIN_ACTION_DONE to a project that does not exist."""

    def report_done(self, instance: Instance) -> None:
        super().report_done(replace(instance, project_id="nobody"))


class MovesTogether(Workflow):
    """Forces both instances of the redundant pair onto one compute, past the scheduler."""

    def complete(self, projects: Iterable[str]) -> None:
        (pair,) = self.cloud.apart()
        act, standby = (instance for instance in self.cloud.instances(self.hosts) if instance.instance_id in pair)
        for moving, staying in ((act, standby), (standby, act)):
            if self.capacity[staying.host] > self.cloud.used(staying.host):
                force = {"host": staying.host, "block_migration": "auto", "force": True}
                compute = self.cloud.connection.compute
                path = f"/servers/{moving.instance_id}/action"
                compute.post(path, json={"os-migrateLive": force}, microversion="2.30").raise_for_status()
                self.clock.sleep(60)
                break
        super().complete(projects)


class LeavesOneStopped(Workflow):
    """Stops an instance, as for a move of a stopped instance, and does not start it again."""

    def complete(self, projects: Iterable[str]) -> None:
        stopped = self.cloud.instances(self.hosts)[0].instance_id
        compute = self.cloud.connection.compute
        compute.post(f"/servers/{stopped}/action", json={"os-stop": None}).raise_for_status()
        self.clock.sleep(60)
        super().complete(projects)


class HidesItsFailure(Workflow):
    """Fails half-way, and reports that the session is done."""

    def empty_by_plan(self, host: str) -> None:
        raise SessionFailed("no more")

    def fail(self, reason: str) -> None:
        self.enter("MAINTENANCE_DONE")


class PutsNothingBack(Workflow):
    """Fails half-way, and restores nothing."""

    def empty_by_plan(self, host: str) -> None:
        raise SessionFailed("no more")

    def fail(self, reason: str) -> None:
        self.enter("MAINTENANCE_FAILED")


@pytest.mark.parametrize(
    ("workflow", "claim"),
    [
        (CompletesTooEarly, "messages_in_order"),
        (ReportsTheEndFirst, "messages_in_order"),
        (HurriesProjects, "windows_are_long_enough"),
        (StartsAtOnce, "admin_tool_waits_for_answers"),
        (KeepsComputesEnabled, "computes_are_disabled_for_maintenance"),
        (LeavesComputesDisabled, "computes_are_disabled_for_maintenance"),
        (MaintainsFullComputes, "computes_are_empty_in_maintenance"),
        (MaintainsTwice, "each_compute_is_maintained_once"),
        (SkipsTheLast, "each_compute_is_maintained_once"),
        (DoesNotReportMoves, "admin_actions_are_reported_once"),
        (ReportsMovesTwice, "admin_actions_are_reported_once"),
        (ActsAgainstTheReply, "agreed_actions_are_taken"),
        (DoesNothing, "every_needed_step_happens"),
        (Dies, "no_thread_died"),
        (NeverCompletes, "every_project_is_notified"),
        (NamesTheProject, "messages_are_well_formed"),
        (ReportsToTheWrongProject, "messages_reach_their_project"),
        (LeavesComputesDisabled, "services_are_back_in_the_end"),
        (LeavesOneStopped, "everything_is_active_in_the_end"),
        (HidesItsFailure, "each_compute_is_maintained_once"),
        (PutsNothingBack, "failed_sessions_put_everything_back"),
    ],
)
def test_the_claim_catches(given: Scenario, caught: Caught, workflow: type[Workflow], claim: str) -> None:
    caught(given.where(make_admin_tool=sample_with(workflow)), claim)


def test_a_project_that_is_not_notified_is_caught(given: Scenario, caught: Caught) -> None:
    two_projects = given.full_with_projects("doctor", "nurse")
    caught(two_projects.where(make_admin_tool=sample_with(AnnouncesToHalf)), "every_project_is_notified")


def test_both_instances_of_the_pair_on_one_compute_are_caught(given: Scenario, caught: Caught) -> None:
    roomy = given.on(4).with_single_instances_on(4)
    caught(roomy.where(make_admin_tool=sample_with(MovesTogether)), "act_and_stby_on_two_computes")


def test_acting_without_a_reply_is_caught(given: Scenario, caught: Caught) -> None:
    roomy = given.on(4).with_one_empty_compute()
    caught(roomy.where(make_admin_tool=sample_with(DoesNotWait)), "admin_tool_waits_for_answers")


def test_moving_to_computes_that_are_still_to_be_maintained_is_caught(given: Scenario, caught: Caught) -> None:
    roomy = given.on(5).with_single_instances_on(3)
    caught(roomy.where(make_admin_tool=sample_with(MovesBack)), "planned_moves_go_to_maintained_computes")


class CountsAnyReply(Mailbox):
    """Lets the reply to an earlier message count for a later one."""

    def post(self, message: Message) -> None:
        before = self.current(message.project_id, message.instance_id)
        super().post(message)
        if before is not None and before.reply is not None and message.word == before.word:
            actions = dict.fromkeys(message.instance_ids, Action.MIGRATE)
            message.reply = before.reply.model_copy(update={"instance_actions": actions})


class AdminToolThatCountsAnyReply(SampleAdminTool):
    """A sample admin tool with such mailboxes."""

    mailbox_class: ClassVar[type[Mailbox]] = CountsAnyReply


def test_a_reply_that_counts_for_a_later_message_is_caught(given: Scenario, caught: Caught) -> None:
    full = given.on(4).full_with_act_on(0)
    caught(full.where(make_admin_tool=AdminToolThatCountsAnyReply), "admin_tool_waits_for_answers")


def test_windows_of_the_settings_reach_the_history(given: Scenario, caught: Caught) -> None:
    """The claim compares with the windows that the operator set, not with constants."""
    settings = AdminToolSettings(windows={Step.PLANNED_MAINTENANCE: 300.0})
    hurried = given.where(admin_tool=settings, make_admin_tool=sample_with(HurriesProjects))
    caught(hurried, "windows_are_long_enough")
