"""Neutron's database: one table for each kind of resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.neutron.attributes import Record, ResourceKind
from pytest_doctor_maint.embedded.neutron.savepoint import Restore
from pytest_doctor_maint.embedded.neutron.times import show_time


class Table:
    """The records of one kind, in the order of their creation.

    Args:
        core: Has the clock and the source of ids.
        kind: The kind of resource.
    """

    def __init__(self, core: Core, kind: ResourceKind) -> None:
        self.kind = kind
        self._core = core
        self._records: dict[str, Record] = {}
        self._count: dict[str, int] = {}
        self._index: dict[str, dict[Any, dict[str, Record]]] = {name: {} for name in kind.indexed}

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __getitem__(self, record_id: str) -> Record:
        return self._records[record_id]

    def get(self, record_id: str) -> Record | None:
        """Return the record with this id; None if the id is unknown."""
        return self._records.get(record_id)

    def count(self, project_id: str) -> int:
        """Return the number of records of the project."""
        return self._count.get(project_id, 0)

    def by(self, name: str, value: object) -> list[Record]:
        """Return the records whose indexed attribute ``name`` has this value."""
        return list(self._index[name].get(value, {}).values())

    def new_id(self, owner: str = "") -> str:
        """Return an unused id.

        Args:
            owner: Names a sequence of ids of its own. Records that are created when they are first needed use one, so
                that the ids of other records do not depend on the order in which they are needed.
        """
        return self._core.ids.uuid(f"{self.kind.name}/{owner}" if owner else self.kind.name)

    def add(self, record: Record, record_id: str | None = None) -> Record:
        """Add a new record. It gets an id (unless ``record_id`` is its id), times and a revision number."""
        record["id"] = record_id or self.new_id()
        record["created_at"] = record["updated_at"] = show_time(self._core.clock.now())
        record["revision_number"] = 1
        record.setdefault("tags", [])
        self._records[record["id"]] = record
        project_id = record["project_id"]
        self._count[project_id] = self._count.get(project_id, 0) + 1
        for name in self.kind.indexed:
            self._index[name].setdefault(record[name], {})[record["id"]] = record
        return record

    def put(self, record: Record, changed: Mapping[str, Any]) -> Record:
        """Set attributes of a record of the table."""
        for name in self.kind.indexed:
            if name in changed and changed[name] != record[name]:
                self._unindex(name, record)
                self._index[name].setdefault(changed[name], {})[record["id"]] = record
        record.update(changed)
        self.touch(record)
        return record

    def touch(self, record: Record) -> None:
        """Count a change of the record, or of a resource that belongs to it."""
        record["revision_number"] += 1
        record["updated_at"] = show_time(self._core.clock.now())

    def drop(self, record: Record) -> None:
        """Remove a record."""
        del self._records[record["id"]]
        self._count[record["project_id"]] -= 1
        if not self._count[record["project_id"]]:
            del self._count[record["project_id"]]
        for name in self.kind.indexed:
            self._unindex(name, record)

    def keep(self) -> Restore:
        """Return a function that puts back the present records. The values of attributes are never changed in place."""
        records, values = self._records.copy(), [(record, record.copy()) for record in self._records.values()]
        counts = self._count.copy()
        index = {
            name: {value: members.copy() for value, members in found.items()} for name, found in self._index.items()
        }

        def restore() -> None:
            self._records, self._count, self._index = records, counts, index
            for record, before in values:
                record.clear()
                record.update(before)

        return restore

    def _unindex(self, name: str, record: Record) -> None:
        members = self._index[name][record[name]]
        del members[record["id"]]
        if not members:
            del self._index[name][record[name]]


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of all kinds of resources, in the order in which the API names them."""

    networks: Table
    subnets: Table
    ports: Table
    routers: Table
    floatingips: Table
    security_groups: Table
    security_group_rules: Table
    subnetpools: Table
    address_scopes: Table
    rbac_policies: Table
    agents: Table

    def __iter__(self) -> Iterator[Table]:
        return (getattr(self, each.name) for each in fields(self))
