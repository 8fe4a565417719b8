"""An app manager of somebody else replies through the proxy of an admin tool that runs elsewhere, if it can."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from requests.adapters import HTTPAdapter

from pytest_doctor_maint.actors.contract import AdminToolActor, AppManagerActor, AppManagerContext
from pytest_doctor_maint.attach.remote_admin_tool import RemoteAdminTool
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import SimulatedClock
from pytest_doctor_maint.simtime.ids import Ids
from pytest_doctor_maint.testbed.casting import Casting
from pytest_doctor_maint.testbed.cloud_under_test import CloudUnderTest
from pytest_doctor_maint.testbed.projects import ProjectAccess
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.topology import ApplicationSpec

if TYPE_CHECKING:
    from openstack.connection import Connection


class Cloud:
    """The part of a cloud that an app manager is made with."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(1)

    def connect(self, user: str, password: str, project: str) -> None:
        """Return no connection: nothing is sent."""


class Silent:
    """An app manager that does not let its replies be recorded. The other members of the contract are not used."""

    def __init__(self, context: AppManagerContext) -> None:
        self.context = context


class Recorded(Silent):
    """An app manager that lets its replies be recorded."""

    adapter: HTTPAdapter | None = None

    def reply_through(self, adapter: HTTPAdapter) -> None:
        self.adapter = adapter


def made(kind: type[Silent], *, elsewhere: bool) -> Silent:
    """Return the app manager that a testbed makes for an admin tool here or elsewhere."""
    cloud = Cloud()
    history = History(cloud.clock.now)
    settings = TestbedSettings(make_app_manager=lambda context: cast("AppManagerActor", kind(context)))
    admin = cast("Connection", None)
    casting = Casting(settings, cast("CloudUnderTest", cloud), history, Ids(1), admin, "admin", None)
    remote = RemoteAdminTool("http://127.0.0.1:1", cloud.clock, history)
    admin_tool = remote if elsewhere else cast("AdminToolActor", object())
    access = ProjectAccess("p1", "doctor", "secret")
    try:
        return cast("Silent", casting.app_manager(ApplicationSpec("doctor", 1), access, admin_tool))
    finally:
        remote.stop()
        cloud.clock.stop()
        remote.join()


@pytest.mark.parametrize("elsewhere", [True, False])
def test_replies_are_recorded_only_on_their_way_elsewhere(elsewhere: bool) -> None:
    manager = made(Recorded, elsewhere=elsewhere)
    assert isinstance(manager, Recorded)
    assert (manager.adapter is not None) is elsewhere


def test_an_app_manager_without_that_method_runs_as_well() -> None:
    assert made(Silent, elsewhere=True).context.project_id == "p1"
