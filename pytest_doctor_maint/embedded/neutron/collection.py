"""What the collections of the Networking API have in common."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Kind, Record, changes, creation
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict, not_allowed, not_found

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.neutron.models import Neutron


class Collection:
    """All resources of one kind, in the order of their creation.

    Attributes:
        kind: What they are.
        quota: The quota that they count against, if any.
        indexed: Attributes by which they are found without looking at each.
    """

    kind: ClassVar[Kind]
    quota: ClassVar[str | None] = None
    indexed: ClassVar[tuple[str, ...]] = ()

    def __init__(self, neutron: Neutron) -> None:
        self.neutron = neutron
        self._records: dict[str, Record] = {}
        self._count: dict[str, int] = {}
        self._index: dict[str, dict[Any, dict[str, Record]]] = {name: {} for name in self.indexed}

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records.values()))

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._records

    def __getitem__(self, record_id: str) -> Record:
        return self._records[record_id]

    def count(self, project_id: str) -> int:
        """How many the project has."""
        return self._count.get(project_id, 0)

    # -- for requests ------------------------------------------------------------------------------------------------

    def create(self, body: Any, caller: Caller) -> Record:
        """A new resource, as the ``body`` of a request describes it.

        Raises:
            NeutronError: 400, 403, 404 or 409, as in the Networking API.
        """
        record = creation(self.kind, body, caller)
        self.check_quota(record["project_id"])
        return self.build(record, caller)

    def update(self, record: Record, body: Any, caller: Caller) -> Record:
        """Change a resource as the ``body`` of a request asks for.

        Raises:
            NeutronError: 400, 403, 404 or 409, as in the Networking API.
        """
        return self.change(record, changes(self.kind, body, caller), caller)

    def find(self, record_id: str, caller: Caller) -> Record:
        """The resource with this id.

        Raises:
            NeutronError: 404, there is none that the caller sees.
        """
        record = self._records.get(record_id)
        if record is None or not self.visible(record, caller):
            raise self.missing(record_id)
        return record

    def find_own(self, record_id: str, caller: Caller, action: str) -> Record:
        """The resource with this id, to change or delete it (``action``: update or delete).

        Raises:
            NeutronError: 404, there is none that the caller sees; 403, it is not his.
        """
        record = self.find(record_id, caller)
        if not self.owned(record, caller):
            raise not_allowed(f"{action}_{self.kind.name}")
        return record

    def missing(self, record_id: str) -> NeutronError:
        """The error for a resource that is not there."""
        return not_found(self.kind.not_found, f"{self.kind.title} {record_id} could not be found.")

    def owned(self, record: Record, caller: Caller) -> bool:
        """Whether the caller may change it."""
        return caller.is_admin or (bool(caller.project_id) and record["project_id"] == caller.project_id)

    def visible(self, record: Record, caller: Caller) -> bool:
        """Whether the caller sees it."""
        return self.owned(record, caller)

    def view(self, record: Record, caller: Caller) -> Record:
        """The resource as an answer shows it to the caller."""
        hidden = () if caller.is_admin else ("",)
        return {
            name: record.get(name)
            for name, attribute in self.kind.attributes.items()
            if attribute.shown and not (hidden and attribute.see_admin)
        }

    def prepare(self, caller: Caller, filters: Mapping[str, Sequence[str]]) -> None:
        """Make what the caller expects to find in a listing, and is not there yet."""

    def candidates(self, filters: Mapping[str, Sequence[str]]) -> Iterable[Record]:
        """The records that can match ``filters``: as few as the indexes allow."""
        if "id" in filters:
            return [self._records[key] for key in dict.fromkeys(filters["id"]) if key in self._records]
        for name in self.indexed:
            if name in filters:
                return [record for value in dict.fromkeys(filters[name]) for record in self.by(name, value)]
        return iter(self)

    def matches(self, record: Record, name: str, values: Sequence[str]) -> bool | None:
        """Whether it passes a filter of this collection's own; None when ``name`` is an ordinary attribute."""
        return None

    # -- for models --------------------------------------------------------------------------------------------------

    def build(self, record: Record, caller: Caller) -> Record:
        """Make a resource of checked attributes."""
        return self.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        """Set checked attributes."""
        return self.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        """Delete a resource that the caller may delete.

        Raises:
            NeutronError: 409, it is in use.
        """
        self.drop(record)

    def by(self, name: str, value: Any) -> list[Record]:
        """The records whose indexed attribute ``name`` has this value."""
        return list(self._index[name].get(value, {}).values())

    def add(self, record: Record, record_id: str | None = None) -> Record:
        """Keep a new record: it gets an id, times and a revision."""
        now = self.neutron.timestamp()
        record["id"] = record_id or self.neutron.core.ids.uuid(self.kind.name)
        record["created_at"] = record["updated_at"] = now
        record["revision_number"] = 1
        record.setdefault("tags", [])
        self._records[record["id"]] = record
        project_id = record["project_id"]
        self._count[project_id] = self._count.get(project_id, 0) + 1
        for name in self.indexed:
            self._index[name].setdefault(record[name], {})[record["id"]] = record
        return record

    def put(self, record: Record, changed: Mapping[str, Any]) -> Record:
        """Set attributes of a record that is kept."""
        for name in self.indexed:
            if name in changed and changed[name] != record[name]:
                self._unindex(name, record)
                self._index[name].setdefault(changed[name], {})[record["id"]] = record
        record.update(changed)
        self.touch(record)
        return record

    def touch(self, record: Record) -> None:
        """Count a change of the record, or of what belongs to it."""
        record["revision_number"] += 1
        record["updated_at"] = self.neutron.timestamp()

    def drop(self, record: Record) -> None:
        """Forget a record."""
        del self._records[record["id"]]
        self._count[record["project_id"]] -= 1
        for name in self.indexed:
            self._unindex(name, record)

    def check_quota(self, project_id: str, amount: int = 1) -> None:
        """Whether the project may have ``amount`` more.

        Raises:
            NeutronError: 409, it may not.
        """
        if self.quota is None:
            return
        limit = self.neutron.quotas.limits(project_id)[self.quota]
        if 0 <= limit < self.count(project_id) + amount:
            raise conflict("OverQuota", f"Quota exceeded for resources: ['{self.quota}'].")

    def _unindex(self, name: str, record: Record) -> None:
        members = self._index[name][record[name]]
        del members[record["id"]]
        if not members:
            del self._index[name][record[name]]
