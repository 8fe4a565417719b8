"""Admin tools that break one rule each, in a live run: the claim about that rule catches them."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pytest_doctor_maint.actors.admin_tool.base.mailbox import Mailbox, Message
from pytest_doctor_maint.actors.admin_tool.base.placement import Instance
from pytest_doctor_maint.actors.admin_tool.base.session import SessionFailed
from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow
from pytest_doctor_maint.actors.admin_tool.sample import AdminTool, AdminToolSettings
from pytest_doctor_maint.history import History
from pytest_doctor_maint.protocol import Action, Reply, Step, parse_reply
from pytest_doctor_maint.testbed.scenario import Scenario

Caught = Callable[[Scenario, str], History]


class CompletesTooEarly(Workflow):
    """Tells the projects that all is complete before the last compute is maintained."""

    def next_host(self) -> str | None:
        host = super().next_host()
        if host is not None and len(self._maintained) == len(self._hosts) - 1:
            self.complete(sorted({instance.project_id for instance in self._cloud.instances(self._hosts)}))
        return host


class TellsNobodyOfTheStart(Workflow):
    """Begins with IN_MAINTENANCE's counterpart: MAINTENANCE_COMPLETE for the compute comes first."""

    def work_on(self, host: str) -> None:
        self._tell_host(host, Step.MAINTENANCE_COMPLETE)
        super().work_on(host)


class HurriesProjects(Workflow):
    """Leaves less time to answer than its settings say."""

    def _ask(self, step: Step, instances: list[Instance], **more: Any) -> tuple[dict[str, Reply], datetime]:
        if more.get("due") is None:
            more["due"] = (self._clock.now() + timedelta(seconds=60)).replace(microsecond=0)
        return super()._ask(step, instances, **more)


class DoesNotWait(Workflow):
    """Takes every project's agreement for granted: it moves instances without an answer."""

    def __init__(self, session: Any, mailbox: Mailbox, **more: Any) -> None:
        super().__init__(session, mailbox, **more)
        mailbox.wait = self._agree  # type: ignore[method-assign]

    def _agree(self, messages: Iterable[Message]) -> dict[str, Reply]:
        # As soon as the project has heard of it; its answer to a PLANNED_MAINTENANCE that hits ACT takes longer.
        self._clock.sleep(0.1)
        return {
            message.project_id: parse_reply(
                {"state": "ACK", "instance_actions": dict.fromkeys(message.instance_ids, Action.MIGRATE)}
            )
            for message in messages
        }


class StartsAtOnce(Workflow):
    """Does not wait for the time that it announced."""

    def wait_for_start(self) -> None:
        pass


class KeepsComputesEnabled(Workflow):
    """Maintains computes to which Nova may still schedule."""

    def _disable(self, host: str) -> None:
        pass

    def work_on(self, host: str) -> None:
        self._disabled.append(host)
        super().work_on(host)


class LeavesComputesDisabled(Workflow):
    """Never takes a compute back into use."""

    def run(self) -> None:
        self._cloud.enable = lambda host: None  # type: ignore[method-assign]
        super().run()


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
        self._maintained.remove(host)
        self._disable(host)


class SkipsTheLast(Workflow):
    """Never maintains the last compute."""

    def next_host(self) -> str | None:
        host = super().next_host()
        return None if len(self._maintained) == len(self._hosts) - 1 else host


class MovesBack(Workflow):
    """Moves instances to computes that are still to be maintained."""

    def _targets(self) -> list[str]:
        for host in self._hosts:
            self._cloud.enable(host)
        return [host for host in self._hosts if host not in self._maintained] + super()._targets()


class DoesNotTellOfMoves(Workflow):
    """Sends no ADMIN_ACTION_DONE."""

    def _tell_done(self, instance: Instance) -> None:
        pass


class TellsOfMovesTwice(Workflow):
    """Sends ADMIN_ACTION_DONE twice."""

    def _tell_done(self, instance: Instance) -> None:
        super()._tell_done(instance)
        super()._tell_done(instance)


class ActsAgainstTheAnswer(Workflow):
    """Live-migrates what the project wanted migrated cold."""

    def run(self) -> None:
        move = self._moves.move
        self._moves.move = lambda instance, action, target: move(  # type: ignore[method-assign]
            instance, Action.LIVE_MIGRATE, target
        )
        super().run()


class DoesNothing(Workflow):
    """Says that all is done, and does nothing."""

    def maintain(self) -> None:
        pass


class Dies(Workflow):
    """Its thread ends with an exception nobody foresaw."""

    def wait_for_start(self) -> None:
        raise ZeroDivisionError("a bug")


class TellsHalf(Workflow):
    """Tells only one of the projects that maintenance is coming."""

    def announce(self) -> list[str]:
        instances = self._cloud.instances
        projects = sorted({instance.project_id for instance in instances(self._hosts)})
        self._cloud.instances = lambda hosts: [  # type: ignore[method-assign]
            instance for instance in instances(hosts) if instance.project_id != projects[0]
        ]
        super().announce()
        self._cloud.instances = instances  # type: ignore[method-assign]
        return projects


class NeverCompletes(Workflow):
    """Does not tell the projects that they may have their capacity back."""

    def complete(self, projects: Iterable[str]) -> None:
        pass


class NamesTheProject(Workflow):
    """Writes the admin project's name where its id belongs, as the Fenix of 2019 did."""

    def _tell_host(self, host: str, step: Step) -> None:
        self._admin_project_id = "admin"
        super()._tell_host(host, step)


class TellsTheWrongProject(Workflow):
    """Sends what one project should know to an event that reaches nobody."""

    def _tell_done(self, instance: Instance) -> None:
        super()._tell_done(replace(instance, project_id="nobody"))


class MovesTogether(Workflow):
    """Forces both sides of the redundant pair onto one compute, past the scheduler."""

    def complete(self, projects: Iterable[str]) -> None:
        (pair,) = self._cloud.apart()
        act, standby = (instance for instance in self._cloud.instances(self._hosts) if instance.instance_id in pair)
        for moving, staying in ((act, standby), (standby, act)):
            if self._capacity[staying.host] > self._cloud.used(staying.host):
                force = {"host": staying.host, "block_migration": "auto", "force": True}
                compute = self._moves._connection.compute
                path = f"/servers/{moving.instance_id}/action"
                compute.post(path, json={"os-migrateLive": force}, microversion="2.30").raise_for_status()
                self._clock.sleep(60)
                break
        super().complete(projects)


class HidesItsFailure(Workflow):
    """Fails half way and says that it is done."""

    def empty_by_plan(self, host: str) -> None:
        raise SessionFailed("no more")

    def _fail(self, reason: str) -> None:
        self._session.state = "MAINTENANCE_DONE"


class PutsNothingBack(Workflow):
    """Fails half way and leaves everything as it is."""

    def empty_by_plan(self, host: str) -> None:
        raise SessionFailed("no more")

    def _fail(self, reason: str) -> None:
        self._session.state = "MAINTENANCE_FAILED"


@pytest.mark.parametrize(
    ("workflow", "claim"),
    [
        (CompletesTooEarly, "messages_in_order"),
        (TellsNobodyOfTheStart, "messages_in_order"),
        (HurriesProjects, "windows_are_long_enough"),
        (StartsAtOnce, "admin_tool_waits_for_answers"),
        (KeepsComputesEnabled, "computes_are_disabled_for_maintenance"),
        (LeavesComputesDisabled, "computes_are_disabled_for_maintenance"),
        (MaintainsFullComputes, "computes_are_empty_in_maintenance"),
        (MaintainsTwice, "each_compute_is_maintained_once"),
        (SkipsTheLast, "each_compute_is_maintained_once"),
        (DoesNotTellOfMoves, "admin_actions_are_reported_once"),
        (TellsOfMovesTwice, "admin_actions_are_reported_once"),
        (ActsAgainstTheAnswer, "agreed_actions_are_taken"),
        (DoesNothing, "every_needed_step_happens"),
        (Dies, "no_thread_died"),
        (NeverCompletes, "every_project_is_told"),
        (NamesTheProject, "messages_are_well_formed"),
        (TellsTheWrongProject, "messages_reach_their_project"),
        (LeavesComputesDisabled, "services_are_back_in_the_end"),
        (HidesItsFailure, "each_compute_is_maintained_once"),
        (PutsNothingBack, "failed_sessions_put_everything_back"),
    ],
)
def test_the_claim_catches(given: Scenario, caught: Caught, workflow: type[Workflow], claim: str) -> None:
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": workflow})
    caught(given.where(make_admin_tool=broken), claim)


def test_a_project_that_is_not_told_is_caught(given: Scenario, caught: Caught) -> None:
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": TellsHalf})
    caught(given.full_with_projects("doctor", "nurse").where(make_admin_tool=broken), "every_project_is_told")


def test_both_sides_of_the_pair_on_one_compute_are_caught(given: Scenario, caught: Caught) -> None:
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": MovesTogether})
    roomy = given.on(4).with_single_instances_on(4)
    caught(roomy.where(make_admin_tool=broken), "act_and_stby_on_two_computes")


def test_acting_without_an_answer_is_caught(given: Scenario, caught: Caught) -> None:
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": DoesNotWait})
    roomy = given.on(4).with_one_empty_compute()
    caught(roomy.where(make_admin_tool=broken), "admin_tool_waits_for_answers")


def test_moving_to_computes_that_are_still_to_be_maintained_is_caught(given: Scenario, caught: Caught) -> None:
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": MovesBack})
    roomy = given.on(5).with_single_instances_on(3)
    caught(roomy.where(make_admin_tool=broken), "planned_moves_go_to_maintained_computes")


class CountsAnyAnswer(Mailbox):
    """Lets the answer to an earlier message count for a later one."""

    def post(self, message: Message) -> None:
        before = self._at_hand.get((message.project_id, message.instance_id))
        super().post(message)
        if before is not None and before.reply is not None and message.word == before.word:
            actions = dict.fromkeys(message.instance_ids, Action.MIGRATE)
            message.reply = before.reply.model_copy(update={"instance_actions": actions})


class CountsAnyAnswerWorkflow(Workflow):
    """A workflow whose mailbox does so."""

    def __init__(self, session: Any, mailbox: Mailbox, **more: Any) -> None:
        mailbox.__class__ = CountsAnyAnswer
        super().__init__(session, mailbox, **more)


def test_an_answer_that_counts_for_a_later_message_is_caught(given: Scenario, caught: Caught) -> None:
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": CountsAnyAnswerWorkflow})
    caught(given.on(4).full_with_act_on(0).where(make_admin_tool=broken), "admin_tool_waits_for_answers")


def test_windows_of_the_settings_reach_the_history(given: Scenario, caught: Caught) -> None:
    """The claim holds the admin tool to what the operator set, not to a table of its own."""
    set_by_operator = AdminToolSettings(windows={Step.PLANNED_MAINTENANCE: 300.0})
    broken = type("BrokenAdminTool", (AdminTool,), {"workflow": HurriesProjects})
    caught(given.where(admin_tool=set_by_operator, make_admin_tool=broken), "windows_are_long_enough")
