"""The constraints that a VNFM sets for its instances and groups."""

from __future__ import annotations

from pytest_doctor_maint.history.kinds.declaration import Data, Kind, Name, declare


def _limits(data: Data) -> str:
    """Return the constraint fields in ``data`` that ask for something, in a few words."""
    # The words for a value, and whether 0 asks for nothing.
    fields = {
        "migration_type": ("{}", False),
        "lead_time": ("lead time {:g} s", False),
        "max_interruption_time": ("interruption {:g} s", False),
        "max_impacted_members": ("{} impacted", False),
        "recovery_time": ("recovery {:g} s", False),
        "max_instances_per_host": ("{} per host", True),
        "anti_affinity_group": ("anti-affinity", True),
        "resource_mitigation": ("mitigation", True),
    }
    return ", ".join(
        words.format(data[field])
        for field, (words, is_off_at_zero) in fields.items()
        if field in data and (data[field] or not is_off_at_zero)
    )


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
            "max_interruption_time": "the longest interruption that a live migration may cause (seconds)",
            "migration_type": "the action by which the instance is moved",
            "resource_mitigation": "True if equal resources must be reserved before the instance is impacted",
            "lead_time": "the shortest time from the message to the announced step (seconds)",
            "deleted": _DELETED,
        },
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
            "anti_affinity_group": "True if each instance must be on a compute of its own",
            "max_instances_per_host": "the largest number of instances on one compute; 0: any number",
            "max_impacted_members": "the largest number of instances that are impacted at a time",
            "recovery_time": "the shortest time from the end of an impact to the next one (seconds)",
            "resource_mitigation": "True if equal resources must be reserved before an instance is impacted",
            "deleted": _DELETED,
        },
        actors=("admin_tool",),
        source="app_manager",
        target="admin_tool",
        text=_group,
    )
).name
