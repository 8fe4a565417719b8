"""The table of constraint fields, and the parts of the product that must have the same fields."""

from __future__ import annotations

from dataclasses import fields

import pytest

from pytest_doctor_maint.actors.app_manager.vnfm import GroupConstraint, InstanceConstraint
from pytest_doctor_maint.history import kinds
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.protocol.constraints import FIELDS, GROUP_FIELDS, INSTANCE_FIELDS, ConstraintField, Value

BY_NAME = {field.name: field for field in FIELDS}


def names(table: tuple[ConstraintField, ...]) -> set[str]:
    return {field.name for field in table}


def test_each_field_is_in_the_table_once() -> None:
    assert len(BY_NAME) == len(FIELDS)
    assert names(INSTANCE_FIELDS) | names(GROUP_FIELDS) == names(FIELDS)
    assert names(INSTANCE_FIELDS) & names(GROUP_FIELDS) == {field.name for field in FIELDS if field.of == "both"}


def test_the_default_of_a_field_that_may_be_left_out_asks_for_nothing() -> None:
    optional = {field.name: field.nothing for field in FIELDS if field.nothing is not None}
    assert optional == {"max_instances_per_host": 0, "anti_affinity_group": False, "resource_mitigation": False}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("migration_type", "MIGRATE", "MIGRATE"),
        ("migration_type", Action.OWN_ACTION, "OWN_ACTION"),
        ("lead_time", 40, "lead time 40 s"),
        ("lead_time", 0.0, "lead time 0 s"),
        ("max_interruption_time", 0.5, "interruption 0.5 s"),
        ("max_impacted_members", 0, "0 impacted"),
        ("recovery_time", 2, "recovery 2 s"),
        ("max_instances_per_host", 1, "1 per host"),
        ("max_instances_per_host", 0, ""),
        ("anti_affinity_group", True, "anti-affinity"),
        ("anti_affinity_group", False, ""),
        ("resource_mitigation", True, "mitigation"),
        ("resource_mitigation", False, ""),
    ],
)
def test_a_value_is_described_unless_it_asks_for_nothing(name: str, value: Value, text: str) -> None:
    assert BY_NAME[name].describe(value) == text


def test_times_have_a_unit_and_nothing_else_has() -> None:
    assert {field.name for field in FIELDS if field.unit} == {field.name for field in FIELDS if field.type is float}


def test_the_vnfm_has_a_value_for_each_field_with_its_default() -> None:
    for values, table in ((InstanceConstraint, INSTANCE_FIELDS), (GroupConstraint, GROUP_FIELDS)):
        defaults = {field.name: field.default for field in fields(values)}
        assert defaults == {field.name: field.default for field in table}


def test_the_events_have_each_field() -> None:
    assert names(INSTANCE_FIELDS) <= kinds.kind(kinds.CONSTRAINT_INSTANCE).required
    assert names(GROUP_FIELDS) <= kinds.kind(kinds.CONSTRAINT_GROUP).required
