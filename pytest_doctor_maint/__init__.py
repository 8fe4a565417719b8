"""A pytest plugin that tests zero-downtime maintenance of an OpenStack cloud.

The names in ``__all__`` may be imported from here, and stay stable within a major version. Everything else may change
at any time. Names are loaded when they are first used, so that a test suite that has nothing to do with maintenance
does not pay for them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.actors.admin_tool.base.settings import AdminToolSettings as AdminToolSettings
    from pytest_doctor_maint.actors.admin_tool.base.workflow import Workflow as Workflow
    from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionContext as ActionContext
    from pytest_doctor_maint.actors.admin_tool.fenix.actions import ActionPlugin as ActionPlugin
    from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix as Fenix
    from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings as FenixSettings
    from pytest_doctor_maint.actors.admin_tool.fenix.workflow import FenixWorkflow as FenixWorkflow
    from pytest_doctor_maint.actors.admin_tool.sample.tool import SampleAdminTool as SampleAdminTool
    from pytest_doctor_maint.actors.admin_tool.vnf.workflow import VnfWorkflow as VnfWorkflow
    from pytest_doctor_maint.actors.app_manager.base.policy import Policy as Policy
    from pytest_doctor_maint.actors.app_manager.sample import AppManager as AppManager
    from pytest_doctor_maint.actors.app_manager.vnfm import ConstraintPolicy as ConstraintPolicy
    from pytest_doctor_maint.actors.app_manager.vnfm import GroupConstraint as GroupConstraint
    from pytest_doctor_maint.actors.app_manager.vnfm import InstanceConstraint as InstanceConstraint
    from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm as Vnfm
    from pytest_doctor_maint.actors.contract import Actor as Actor
    from pytest_doctor_maint.actors.contract import AdminToolActor as AdminToolActor
    from pytest_doctor_maint.actors.contract import AdminToolContext as AdminToolContext
    from pytest_doctor_maint.actors.contract import AppManagerActor as AppManagerActor
    from pytest_doctor_maint.actors.contract import AppManagerContext as AppManagerContext
    from pytest_doctor_maint.actors.contract import InspectorActor as InspectorActor
    from pytest_doctor_maint.actors.contract import InspectorContext as InspectorContext
    from pytest_doctor_maint.actors.inspector.sample import Inspector as Inspector
    from pytest_doctor_maint.actors.registry import CONSTRAINTS as CONSTRAINTS
    from pytest_doctor_maint.actors.registry import ActorSpec as ActorSpec
    from pytest_doctor_maint.claims.claim import Claim as Claim
    from pytest_doctor_maint.claims.claim import Parameter as Parameter
    from pytest_doctor_maint.claims.claim import Topic as Topic
    from pytest_doctor_maint.claims.claim import claim as claim
    from pytest_doctor_maint.claims.index.index import HistoryIndex as HistoryIndex
    from pytest_doctor_maint.claims.judging import judge as judge
    from pytest_doctor_maint.claims.verdict import CannotTell as CannotTell
    from pytest_doctor_maint.claims.verdict import Judgement as Judgement
    from pytest_doctor_maint.claims.verdict import NothingToJudge as NothingToJudge
    from pytest_doctor_maint.claims.verdict import Outcome as Outcome
    from pytest_doctor_maint.claims.verdict import Verdict as Verdict
    from pytest_doctor_maint.claims.verdict import Violation as Violation
    from pytest_doctor_maint.claims.verdict import violation as violation
    from pytest_doctor_maint.faults.fault import POWER_SWITCHES as POWER_SWITCHES
    from pytest_doctor_maint.faults.fault import Fault as Fault
    from pytest_doctor_maint.faults.fault import Target as Target
    from pytest_doctor_maint.faults.triggers import wait_for_event as wait_for_event
    from pytest_doctor_maint.fixtures.maintenance import Maintenance as Maintenance
    from pytest_doctor_maint.fixtures.maintenance import Then as Then
    from pytest_doctor_maint.history.event import Event as Event
    from pytest_doctor_maint.history.history import History as History
    from pytest_doctor_maint.history.kinds import Kind as Kind
    from pytest_doctor_maint.history.kinds import declare as declare
    from pytest_doctor_maint.protocol.alarm import AlarmBody as AlarmBody
    from pytest_doctor_maint.protocol.alarm import parse_alarm as parse_alarm
    from pytest_doctor_maint.protocol.dialect import FENIX as FENIX
    from pytest_doctor_maint.protocol.dialect import SAMPLE as SAMPLE
    from pytest_doctor_maint.protocol.dialect import SAMPLE_2020 as SAMPLE_2020
    from pytest_doctor_maint.protocol.dialect import Dialect as Dialect
    from pytest_doctor_maint.protocol.message import ProjectMessage as ProjectMessage
    from pytest_doctor_maint.protocol.steps import Action as Action
    from pytest_doctor_maint.protocol.steps import Step as Step
    from pytest_doctor_maint.simtime.clock.base import Clock as Clock
    from pytest_doctor_maint.simtime.http.app import App as App
    from pytest_doctor_maint.simtime.http.app import Request as Request
    from pytest_doctor_maint.simtime.http.routing import route as route
    from pytest_doctor_maint.simtime.http.server import HttpServer as HttpServer
    from pytest_doctor_maint.simtime.http.session import HttpSession as HttpSession
    from pytest_doctor_maint.testbed.result import RunBroken as RunBroken
    from pytest_doctor_maint.testbed.result import RunResult as RunResult
    from pytest_doctor_maint.testbed.scenario import Scenario as Scenario
    from pytest_doctor_maint.testbed.topology import ApplicationSpec as ApplicationSpec
    from pytest_doctor_maint.testbed.topology import Topology as Topology

#: The public names by the module that defines them. A test compares the imports above with this table.
_PUBLIC = {
    "actors.admin_tool.base.settings": ("AdminToolSettings",),
    "actors.admin_tool.base.workflow": ("Workflow",),
    "actors.admin_tool.fenix.actions": ("ActionContext", "ActionPlugin"),
    "actors.admin_tool.fenix.fenix": ("Fenix",),
    "actors.admin_tool.fenix.settings": ("FenixSettings",),
    "actors.admin_tool.fenix.workflow": ("FenixWorkflow",),
    "actors.admin_tool.sample.tool": ("SampleAdminTool",),
    "actors.admin_tool.vnf.workflow": ("VnfWorkflow",),
    "actors.app_manager.base.policy": ("Policy",),
    "actors.app_manager.sample": ("AppManager",),
    "actors.app_manager.vnfm": ("ConstraintPolicy", "GroupConstraint", "InstanceConstraint", "Vnfm"),
    "actors.contract": (
        "Actor",
        "AdminToolActor",
        "AdminToolContext",
        "AppManagerActor",
        "AppManagerContext",
        "InspectorActor",
        "InspectorContext",
    ),
    "actors.inspector.sample": ("Inspector",),
    "actors.registry": ("CONSTRAINTS", "ActorSpec"),
    "claims.claim": ("Claim", "Parameter", "Topic", "claim"),
    "claims.index.index": ("HistoryIndex",),
    "claims.judging": ("judge",),
    "claims.verdict": ("CannotTell", "Judgement", "NothingToJudge", "Outcome", "Verdict", "Violation", "violation"),
    "faults.fault": ("POWER_SWITCHES", "Fault", "Target"),
    "faults.triggers": ("wait_for_event",),
    "fixtures.maintenance": ("Maintenance", "Then"),
    "history.event": ("Event",),
    "history.history": ("History",),
    "history.kinds": ("Kind", "declare"),
    "protocol.alarm": ("AlarmBody", "parse_alarm"),
    "protocol.dialect": ("FENIX", "SAMPLE", "SAMPLE_2020", "Dialect"),
    "protocol.message": ("ProjectMessage",),
    "protocol.steps": ("Action", "Step"),
    "simtime.clock.base": ("Clock",),
    "simtime.http.app": ("App", "Request"),
    "simtime.http.routing": ("route",),
    "simtime.http.server": ("HttpServer",),
    "simtime.http.session": ("HttpSession",),
    "testbed.result": ("RunBroken", "RunResult"),
    "testbed.scenario": ("Scenario",),
    "testbed.topology": ("ApplicationSpec", "Topology"),
}
_MODULES = {name: module for module, names in _PUBLIC.items() for name in names}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> object:
    """Load a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no public name {name!r}; there are {', '.join(__all__)}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
