"""The constraints that a VNFM sets for its instances and groups."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_doctor_maint.history.kinds.declaration import Data, Kind, Name, declare
from pytest_doctor_maint.history.kinds.types import TRUTH
from pytest_doctor_maint.protocol.constraints import FIELDS, GROUP_FIELDS, INSTANCE_FIELDS, ConstraintField


def _limits(data: Data) -> str:
    """Return the constraint fields in ``data`` that ask for something, in a few words."""
    texts = (field.describe(data[field.name]) for field in FIELDS if field.name in data)
    return ", ".join(text for text in texts if text)


def _meanings(table: Sequence[ConstraintField]) -> dict[str, str]:
    return {field.name: f"{field.meaning}{f' ({field.unit})' if field.unit else ''}" for field in table}


def _constraint(of: str, data: Data) -> str:
    return f"constraint of {of} deleted" if data["deleted"] else f"constraint of {of}: {_limits(data)}"


def _instance(data: Data, name: Name) -> str:
    return _constraint(str(data["instance_name"] or data["instance_id"]), data)


def _group(data: Data, name: Name) -> str:
    return _constraint(f"group {data['group_name'] or data['group_id']}", data)


_DELETED = "True if the constraint was deleted; the other fields are those that held until then"

CONSTRAINT_INSTANCE = declare(
    Kind(
        "constraint.instance",
        "The admin tool accepted the constraint of an instance, or its deletion.",
        fields={
            "instance_id": "the instance",
            "project_id": "the project of the instance",
            "group_id": "the group of the instance",
            "instance_name": "the name of the instance; may be empty",
            **_meanings(INSTANCE_FIELDS),
            "deleted": _DELETED,
        },
        types={"deleted": TRUTH},
        actors=("admin_tool",),
        source="app_manager",
        target="admin_tool",
        text=_instance,
    )
).name
CONSTRAINT_GROUP = declare(
    Kind(
        "constraint.group",
        "The admin tool accepted the constraint of a group of instances, or its deletion.",
        fields={
            "group_id": "the group: a server group of Nova, or any other id",
            "project_id": "the project of the group",
            "group_name": "the name of the group; may be empty",
            **_meanings(GROUP_FIELDS),
            "deleted": _DELETED,
        },
        types={"deleted": TRUTH},
        actors=("admin_tool",),
        source="app_manager",
        target="admin_tool",
        text=_group,
    )
).name
