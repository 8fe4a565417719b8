"""``/extensions``: all of them are part of the API today."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Missing
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

#: The extensions that Nova still lists: alias and name.
EXTENSIONS = {
    "NMN": "Multinic",
    "OS-DCF": "DiskConfig",
    "OS-EXT-AZ": "ExtendedAvailabilityZone",
    "OS-EXT-IPS": "ExtendedIps",
    "OS-EXT-IPS-MAC": "ExtendedIpsMac",
    "OS-EXT-SRV-ATTR": "ExtendedServerAttributes",
    "OS-EXT-STS": "ExtendedStatus",
    "OS-FLV-DISABLED": "FlavorDisabled",
    "OS-FLV-EXT-DATA": "FlavorExtraData",
    "OS-SRV-USG": "ServerUsage",
    "flavors": "Flavors",
    "image-metadata": "ImageMetadata",
    "image-size": "ImageSize",
    "images": "Images",
    "ips": "Ips",
    "limits": "Limits",
    "os-admin-actions": "AdminActions",
    "os-aggregates": "Aggregates",
    "os-attach-interfaces": "AttachInterfaces",
    "os-availability-zone": "AvailabilityZone",
    "os-console-output": "ConsoleOutput",
    "os-consoles": "Consoles",
    "os-create-backup": "CreateBackup",
    "os-deferred-delete": "DeferredDelete",
    "os-evacuate": "Evacuate",
    "os-extended-quotas": "ExtendedQuotas",
    "os-extended-services": "ExtendedServices",
    "os-extended-services-delete": "ExtendedServicesDelete",
    "os-flavor-access": "FlavorAccess",
    "os-flavor-extra-specs": "FlavorExtraSpecs",
    "os-flavor-manage": "FlavorManage",
    "os-flavor-rxtx": "FlavorRxtx",
    "os-flavor-swap": "FlavorSwap",
    "os-hosts": "Hosts",
    "os-hypervisors": "Hypervisors",
    "os-instance-actions": "InstanceActions",
    "os-keypairs": "Keypairs",
    "os-lock-server": "LockServer",
    "os-migrate-server": "MigrateServer",
    "os-migrations": "Migrations",
    "os-multiple-create": "MultipleCreate",
    "os-pause-server": "PauseServer",
    "os-quota-class-sets": "QuotaClasses",
    "os-quota-sets": "Quotas",
    "os-rescue": "Rescue",
    "os-scheduler-hints": "SchedulerHints",
    "os-remote-consoles": "Consoles",
    "os-server-diagnostics": "ServerDiagnostics",
    "os-server-external-events": "ServerExternalEvents",
    "os-server-groups": "ServerGroups",
    "os-server-start-stop": "ServerStartStop",
    "os-services": "Services",
    "os-shelve": "Shelve",
    "os-simple-tenant-usage": "SimpleTenantUsage",
    "os-suspend-server": "SuspendServer",
    "os-used-limits": "UsedLimits",
    "os-user-data": "UserData",
    "server-metadata": "ServerMetadata",
    "servers": "Servers",
    "versions": "Versions",
}


class ExtensionRoutes(NovaService):
    """``/extensions``."""

    @route("GET", "/v2.1/extensions", role="")
    def list_extensions(self, request: NovaRequest) -> Answer:
        return {"extensions": [_extension(alias) for alias in EXTENSIONS]}

    @route("GET", "/v2.1/extensions/<alias>", role="")
    def show_extension(self, request: NovaRequest, alias: str) -> Answer:
        if alias not in EXTENSIONS:
            raise Missing("The resource could not be found.")
        return {"extension": _extension(alias)}


def _extension(alias: str) -> dict[str, Any]:
    name = EXTENSIONS[alias]
    return {
        "alias": alias,
        "name": name,
        "description": f"{name}.",
        "namespace": "http://docs.openstack.org/compute/ext/fake_xml",
        "updated": "2014-12-03T00:00:00Z",
        "links": [],
    }
