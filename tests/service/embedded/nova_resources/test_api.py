"""How Nova's API is composed of parts, its extensions, and its removed resources."""

from __future__ import annotations

from collections import Counter

import pytest

from pytest_doctor_maint.embedded.glance.routes import GlanceApi
from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.routes import NovaApi
from pytest_doctor_maint.embedded.nova.routes.actions import ActionRoutes, Rule, action, rules_of
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import anything
from pytest_doctor_maint.embedded.placement.routes import PlacementApi
from pytest_doctor_maint.embedded.service import Service
from tests.support.nova import NovaBench


@pytest.mark.parametrize("api", [NovaApi, GlanceApi, PlacementApi])
def test_no_part_of_an_api_hides_a_method_of_another_part(api: type[Service]) -> None:
    parts = [part for part in api.__mro__ if issubclass(part, Service) and part is not Service]

    names = Counter(name for part in parts for name in vars(part) if not hasattr(Service, name))

    assert [name for name, times in names.items() if times > 1 and not name.startswith("__")] == []


def test_an_action_that_another_method_hides_is_refused() -> None:
    class One(ActionRoutes):
        @action("one", Schemas(anything("one")))
        def dance(self) -> None: ...

    class Other(ActionRoutes):
        @action("other", Schemas(anything("other")))
        def dance(self) -> None: ...

    with pytest.raises(TypeError, match="dance hides the one that carries out one"):

        class Both(Other, One): ...


def test_two_methods_for_one_action_are_refused() -> None:
    with pytest.raises(TypeError, match="dance and sing both carry out one"):

        class Twice(ActionRoutes):
            @action("one", Schemas(anything("one")))
            def dance(self) -> None: ...

            @action("one", Schemas(anything("one")))
            def sing(self) -> None: ...


@pytest.mark.parametrize(("name", "rule"), rules_of(NovaApi).items())
def test_the_schemas_of_an_action_are_for_its_own_body(name: str, rule: Rule) -> None:
    for version in (rule.lowest, rule.highest or (2, 96)):
        with pytest.raises(Invalid, match=f"^'{name}' is a required property$"):
            rule.schemas.check_body({}, version)


def test_extensions_are_listed_and_shown(bench: NovaBench) -> None:
    listed = bench.call("GET", "/extensions")["extensions"]

    assert "os-migrate-server" in [extension["alias"] for extension in listed]
    assert bench.call("GET", "/extensions/os-keypairs")["extension"]["name"] == "Keypairs"
    bench.call("GET", "/extensions/wrong", status=404)


@pytest.mark.parametrize("path", ["os-agents", "os-cells", "os-cells/detail", "os-fping/1"])
def test_a_removed_resource_is_gone(bench: NovaBench, path: str) -> None:
    bench.call("GET", f"/{path}", status=410)
