"""Address scopes."""

from __future__ import annotations

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron import checks
from pytest_doctor_maint.embedded.neutron.attributes import REQUIRED, Attribute, Record, ResourceKind, standard
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict
from pytest_doctor_maint.embedded.neutron.quotas import Quotas
from pytest_doctor_maint.embedded.neutron.sharing import SHARED, Sharing
from pytest_doctor_maint.embedded.neutron.table import Tables

ADDRESS_SCOPE = ResourceKind(
    "address_scope",
    "address-scopes",
    "Address scope",
    "AddressScopeNotFound",
    {
        **{name: attribute for name, attribute in standard().items() if name in ("id", "tenant_id", "project_id")},
        "name": Attribute(checks.text(), default=""),
        "ip_version": Attribute(checks.one_of(4, 6, "4", "6"), default=REQUIRED, put=False),
        "shared": Attribute(checks.boolean, default=False, set_admin=True),
    },
    tags=False,
)


class AddressScopes(Collection):
    """All address scopes.

    Args:
        tables: All tables.
        quotas: The limits of all projects.
        sharing: The access that policies give.
    """

    def __init__(self, tables: Tables, quotas: Quotas, *, sharing: Sharing) -> None:
        super().__init__(tables.address_scopes, quotas)
        self._subnetpools = tables.subnetpools
        self._sharing = sharing

    def build(self, record: Record, caller: Caller) -> Record:
        record["ip_version"] = int(record["ip_version"])
        return self.table.add(record)

    def change(self, record: Record, changed: Record, caller: Caller) -> Record:
        if record["shared"] and changed.get("shared") is False:
            raise NeutronError(
                400,
                "AddressScopeUpdateError",
                f"Unable to update address scope {record['id']} : Shared address scope can't be unshared.",
            )
        return self.table.put(record, changed)

    def delete(self, record: Record, caller: Caller) -> None:
        if any(pool["address_scope_id"] == record["id"] for pool in self._subnetpools):
            raise conflict(
                "AddressScopeInUse",
                f"Unable to complete operation on address scope {record['id']}. There are one or more subnet pools in "
                "use on the address scope.",
            )
        self._sharing.forget(record["id"])
        self.table.drop(record)

    def visible(self, record: Record, caller: Caller) -> bool:
        return (
            self.owned(record, caller)
            or record["shared"]
            or self._sharing.grants(record["id"], caller.project_id, SHARED)
        )
