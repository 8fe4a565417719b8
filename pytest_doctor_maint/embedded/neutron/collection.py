"""The base of the collections of the Networking API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Record, ResourceKind, show
from pytest_doctor_maint.embedded.neutron.bodies import changes, creation
from pytest_doctor_maint.embedded.neutron.errors import not_allowed
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.table import Table

#: The caller that stands for the cloud's own services.
INTERNAL = Caller("", "neutron", "", "", frozenset({"admin"}))


def owns(record: Record, caller: Caller) -> bool:
    """Return True if the record belongs to the project in which the caller is a reader, or the caller is an admin."""
    reads = bool(caller.project_id) and "reader" in caller.roles
    return caller.is_admin or (reads and record["project_id"] == caller.project_id)


class Collection:
    """The resources of one kind, and the rules for them.

    Subclasses override :meth:`build`, :meth:`change` and :meth:`delete` (what a request may do), :meth:`owned`,
    :meth:`visible` and :meth:`view` (who may do and see what), :meth:`prepare` and :meth:`matches` (listings).

    Args:
        table: The records.
        quotas: The limits of all projects.
    """

    def __init__(self, table: Table, quotas: Quotas) -> None:
        self.table = table
        self._quotas = quotas

    @property
    def kind(self) -> ResourceKind:
        """The kind of the resources."""
        return self.table.kind

    def __iter__(self) -> Iterator[Record]:
        return iter(self.table)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self.table

    def __getitem__(self, record_id: str) -> Record:
        return self.table[record_id]

    def by(self, name: str, value: object) -> list[Record]:
        """Return the records whose indexed attribute ``name`` has this value."""
        return self.table.by(name, value)

    # -- requests ----------------------------------------------------------------------------------------------------

    def create(self, body: object, caller: Caller) -> Record:
        """Create a resource as the body of a request describes it.

        Raises:
            NeutronError: 400, 403, 404 or 409, as in the Networking API.
        """
        record = creation(self.kind, body, caller)
        self.authorize(record, caller, "create")
        self.check_quota(record["project_id"])
        return self.build(record, caller)

    def update(self, record: Record, body: object, caller: Caller) -> Record:
        """Change a resource as the body of a request asks for.

        Raises:
            NeutronError: 400, 403, 404 or 409, as in the Networking API.
        """
        changed = changes(self.kind, body, caller)
        self.authorize(changed, caller, "update")
        return self.change(record, changed, caller)

    def find(self, record_id: str, caller: Caller) -> Record:
        """Return the resource with this id.

        Raises:
            NeutronError: 404, no resource has this id, or the caller may not see it.
        """
        record = self.table.get(record_id)
        if record is None or not self.visible(record, caller):
            raise self.kind.missing(record_id)
        return record

    def find_own(self, record_id: str, caller: Caller, action: str) -> Record:
        """Return the resource with this id, which the caller wants to change or delete.

        Args:
            record_id: The id.
            caller: The caller.
            action: The name of the policy without the kind (``update``).

        Raises:
            NeutronError: 404, no resource has this id, or the caller may not see it; 403, it does not belong to the
                caller.
        """
        record = self.find(record_id, caller)
        if not self.owned(record, caller):
            raise not_allowed(f"{action}_{self.kind.name}")
        return record

    def owned(self, record: Record, caller: Caller) -> bool:
        """Return True if the caller may change the resource."""
        return owns(record, caller)

    def visible(self, record: Record, caller: Caller) -> bool:
        """Return True if the caller sees the resource."""
        return self.owned(record, caller)

    def view(self, record: Record, caller: Caller) -> Record:
        """Return the resource as an answer shows it to the caller."""
        return show(self.kind, record, caller)

    def prepare(self, caller: Caller, filters: Mapping[str, Sequence[str]]) -> None:
        """Create the resources that a listing has to show, and that do not exist yet."""

    def candidates(self, filters: Mapping[str, Sequence[str]]) -> Iterable[Record]:
        """Return the records that can match ``filters``: as few as the indexes allow."""
        if "id" in filters:
            found = (self.table.get(record_id) for record_id in dict.fromkeys(filters["id"]))
            return [record for record in found if record is not None]
        for name in self.kind.indexed:
            if name in filters:
                return [record for value in dict.fromkeys(filters[name]) for record in self.by(name, value)]
        return iter(self.table)

    def matches(self, record: Record, name: str, values: Sequence[str]) -> bool | None:
        """Return True if the record passes the filter ``name`` of this collection; None for an ordinary attribute."""
        return None

    # -- rules -------------------------------------------------------------------------------------------------------

    def authorize(self, wanted: Record, caller: Caller, action: str) -> None:
        """Check what the caller may set, beyond the attributes that only admins may set.

        Args:
            wanted: The checked attributes that a request sets.
            caller: The caller.
            action: ``create`` or ``update``.

        Raises:
            NeutronError: 403, the caller may not.
        """

    def build(self, record: Record, caller: Caller) -> Record:
        """Create a resource of checked attributes.

        Raises:
            NeutronError: 400, 403, 404 or 409, as in the Networking API.
        """
        return self.table.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        """Set checked attributes of a resource.

        Raises:
            NeutronError: 400, 403, 404 or 409, as in the Networking API.
        """
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        """Delete a resource that the caller may delete.

        Raises:
            NeutronError: 409, the resource is in use.
        """
        self.table.drop(record)

    def check_quota(self, project_id: str, amount: int = 1) -> None:
        """Check that the project may have ``amount`` more resources.

        Raises:
            NeutronError: 409, the quota is exceeded.
        """
        self._quotas.check(self.kind, project_id, amount)
