"""Names are found among what is imported now: pytest within pytest (pytester) imports all modules again."""

from __future__ import annotations

import sys

import pytest

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS, ActorSpec
from pytest_doctor_maint.registry import Registry


@pytest.mark.parametrize("registry", [ADMIN_TOOLS, APP_MANAGERS, INSPECTORS], ids=lambda each: each.what)
def test_an_actor_comes_from_the_module_that_is_imported(
    registry: Registry[ActorSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = registry.get("sample")
    assert registry.get("sample") is known
    (module,) = [point.module for point in registry._entry_points().values() if point.name == "sample"]
    package, _, name = module.rpartition(".")
    # The import below sets it; the test leaves the old one.
    monkeypatch.setattr(sys.modules[package], name, sys.modules[module])
    monkeypatch.delitem(sys.modules, module)
    again = registry.get("sample")
    assert again is not known
    assert again is sys.modules[module].__dict__[registry._entry_points()["sample"].attr]
