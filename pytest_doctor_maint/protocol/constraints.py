"""The constraints that VNFMs set: one table of their fields.

The names of the fields are those of Fenix's API; their meaning is that of NfviMaintenanceInfo in ETSI's IFA011 and
SOL001. The two models below are the table: a new field is one entry in one of them. The API of the admin tool extends
the models; the VNFM, the history, reports and the documentation read :data:`FIELDS`. Claims do not: the rules that they
check are written down a second time, on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from pytest_doctor_maint.protocol.steps import Action

#: A time longer than a year is a mistake.
YEAR = 366 * 86400

Seconds = Annotated[float, Field(ge=0, le=YEAR, allow_inf_nan=False)]
"""A duration in seconds."""
Count = Annotated[int, Field(ge=0, le=1_000_000)]
"""A number of instances."""

#: A value of a constraint.
Value = float | bool | Action


@dataclass(frozen=True, slots=True)
class _Meaning:
    """The properties of a field that its type does not have; see :class:`ConstraintField`."""

    meaning: str
    text: str
    etsi_name: str = ""
    unit: str = ""
    default: Value | None = None


Mitigation = Annotated[
    bool,
    _Meaning(
        "Resources for the instance must be there when the message about it is sent, and be reserved for it until it "
        "uses them: room on the compute that it will move to. Otherwise the message may be sent while that room is "
        "still being made. For a group, this holds for all of its instances.",
        text="mitigation",
        etsi_name="isImpactMitigationRequested",
        default=False,
    ),
]


class InstanceConstraintFields(BaseModel):
    """The constraints of an instance. A field with a default may be left out; the default asks for nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    migration_type: Annotated[
        Action,
        _Meaning("The action by which the instance is moved.", text="{}", etsi_name="supportedMigrationType"),
    ]
    lead_time: Annotated[
        Seconds,
        _Meaning(
            "The least time between the message about the instance and the action that the message announces.",
            text="lead time {:g} s",
            etsi_name="impactNotificationLeadTime",
            unit="s",
            default=40,
        ),
    ]
    max_interruption_time: Annotated[
        Seconds,
        _Meaning(
            "The longest time for which a live migration may stop the instance, such that the application does not "
            "notice and begin to recover. ETSI defines this for live migration alone.",
            text="interruption {:g} s",
            etsi_name="maxUndetectableInterruptionTime",
            unit="s",
            default=120,
        ),
    ]
    resource_mitigation: Mitigation = False


class GroupConstraintFields(BaseModel):
    """The constraints of a group of instances. A field with a default may be left out; the default asks for nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    max_impacted_members: Annotated[
        Count,
        _Meaning(
            "The number of instances of the group that may be impacted at a time. 0 stops all maintenance until it is "
            "raised.",
            text="{} impacted",
            etsi_name="maxNumberOfImpactedInstances",
        ),
    ]
    recovery_time: Annotated[
        Seconds,
        _Meaning(
            "The least time between the end of an impact and the begin of the next one.",
            text="recovery {:g} s",
            etsi_name="minRecoveryTimeBetweenImpacts",
            unit="s",
            default=2,
        ),
    ]
    max_instances_per_host: Annotated[
        Count,
        _Meaning(
            "The number of instances of the group that may share a compute; 0 is any number.",
            text="{} per host",
            default=0,
        ),
    ] = 0
    anti_affinity_group: Annotated[
        bool,
        _Meaning("No two instances of the group may share a compute.", text="anti-affinity", default=False),
    ] = False
    resource_mitigation: Mitigation = False


@dataclass(frozen=True, slots=True)
class ConstraintField:
    """A field of the table.

    Attributes:
        name: The name of the field in Fenix's API, in events and in the VNFM's values.
        of: ``instance``, ``group`` or ``both``, which have the field.
        type: The type of its values: float, int, bool or :class:`Action`.
        meaning: What a VNFM demands with the field.
        unit: The unit of its values; empty when they have none.
        etsi_name: The name of the attribute of NfviMaintenanceInfo; empty when ETSI has none.
        nothing: The value that asks for nothing, which a VNFM may leave out; None when the VNFM must set the field.
        default: The value that Doctor's own VNFM sets; None when that depends on the application.
    """

    name: str
    of: Literal["instance", "group", "both"]
    type: type[Value]
    meaning: str
    unit: str
    etsi_name: str
    nothing: Value | None
    default: Value | None
    _text: str

    def describe(self, value: object) -> str:
        """Return a few words for a reader, such as ``lead time 40 s``; empty when `value` asks for nothing."""
        return "" if self.nothing is not None and value == self.nothing else self._text.format(value)


def _table() -> Iterator[ConstraintField]:
    instance, group = InstanceConstraintFields.model_fields, GroupConstraintFields.model_fields
    for name, info in instance.items():
        if name not in group:
            yield _field(name, "instance", info)
    for name, info in group.items():
        yield _field(name, "both" if name in instance else "group", info)


def _field(name: str, of: Literal["instance", "group", "both"], info: FieldInfo) -> ConstraintField:
    (about,) = (item for item in info.metadata if isinstance(item, _Meaning))
    if not isinstance(info.annotation, type):
        raise TypeError(f"the constraint {name} has the type {info.annotation}; allowed: float, int, bool, Action")
    nothing = None if info.is_required() else info.default
    return ConstraintField(
        name, of, info.annotation, about.meaning, about.unit, about.etsi_name, nothing, about.default, about.text
    )


#: All fields, in the order in which reports name them.
FIELDS: tuple[ConstraintField, ...] = tuple(_table())
#: The fields of an instance's constraint.
INSTANCE_FIELDS: tuple[ConstraintField, ...] = tuple(field for field in FIELDS if field.of != "group")
#: The fields of a group's constraint.
GROUP_FIELDS: tuple[ConstraintField, ...] = tuple(field for field in FIELDS if field.of != "instance")
