"""Actors that are registered for one test."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, CONSTRAINTS, INSPECTORS, ActorSpec
from pytest_doctor_maint.plugin.settings import values
from pytest_doctor_maint.registry import Registry


def add_actors(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Register an admin tool, an app manager and an Inspector of each of these names."""
    spec = ActorSpec(
        "An actor that is never made.", make=_never, workflows=("default", "vnf"), provides=frozenset({CONSTRAINTS})
    )
    for registry in (ADMIN_TOOLS, APP_MANAGERS, INSPECTORS):
        for name in names:
            add_actor(monkeypatch, registry, name, spec)


def add_actor(monkeypatch: pytest.MonkeyPatch, registry: Registry[ActorSpec], name: str, spec: ActorSpec) -> None:
    """Register an actor."""
    monkeypatch.setitem(registry._own, name, spec)


def add_clouds(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let these names be clouds, without any clouds.yaml."""
    original = values.choices
    monkeypatch.setattr(values, "choices", lambda field: (*original(field), *(names if field == "os_cloud" else ())))


def _never(context: object) -> object:
    raise AssertionError("no run is carried out in this test")
