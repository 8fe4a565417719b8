"""The app managers and Inspectors of this package satisfy the contract, and are described by a spec."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.actors.app_manager import AppManager
from pytest_doctor_maint.actors.app_manager.sample import SPEC as SAMPLE_APP_MANAGER
from pytest_doctor_maint.actors.app_manager.vnfm import SPEC as VNFM
from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm
from pytest_doctor_maint.actors.contract import AppManagerActor, InspectorActor
from pytest_doctor_maint.actors.inspector import SPEC as SAMPLE_INSPECTOR
from pytest_doctor_maint.actors.inspector import Inspector
from pytest_doctor_maint.actors.registry import CONSTRAINTS, ActorSpec
from pytest_doctor_maint.attach.remote_app_manager import RemoteAppManager
from pytest_doctor_maint.attach.remote_inspector import RemoteInspector


# mypy compares the members with those of the protocols.
def as_app_manager(actor: AppManager | Vnfm | RemoteAppManager) -> AppManagerActor:
    return actor


def as_inspector(actor: Inspector | RemoteInspector) -> InspectorActor:
    return actor


@pytest.mark.parametrize(
    ("spec", "make", "workflow", "needs"),
    [
        (SAMPLE_APP_MANAGER, AppManager, "default", set()),
        (VNFM, Vnfm, "vnf", {CONSTRAINTS}),
        (SAMPLE_INSPECTOR, Inspector, "default", set()),
    ],
)
def test_each_is_described_by_a_spec(spec: ActorSpec, make: type, workflow: str, needs: set[str]) -> None:
    assert spec.make is make
    assert spec.default_workflow == workflow
    assert spec.needs == needs
    assert spec.summary.strip()
    assert "\n" not in spec.summary


@pytest.mark.parametrize(("kind", "name"), [(RemoteAppManager, "remote"), (RemoteInspector, "remote")])
def test_an_actor_elsewhere_is_called_remote(kind: type[RemoteAppManager | RemoteInspector], name: str) -> None:
    """Its own name is not known here."""
    assert (kind.name, kind.version) == (name, "")
