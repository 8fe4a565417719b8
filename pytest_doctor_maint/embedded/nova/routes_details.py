"""What hangs below a server: metadata, tags, addresses, interfaces, security groups and some that are always empty."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.body import Reader, pairs, section, values
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing
from pytest_doctor_maint.embedded.nova.readers import address, several, tag, uuid, within
from pytest_doctor_maint.embedded.nova.routes_servers import asked, check_lock
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route

MOST_TAGS = 50
_NIC_COUNTERS = [f"{way}_{what}" for way in ("rx", "tx") for what in ("octets", "packets", "errors", "drop", "rate")]
_QUIET = ("active", "paused", "suspended", "stopped")


class DetailsRoutes(NovaService):
    """Sub-resources of servers."""

    def _own(self, request: NovaRequest, server_id: str) -> Server:
        """The server, to be changed."""
        server = self.nova.server(server_id, request.caller)
        check_lock(server, request)
        return server

    # -- metadata ----------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/metadata")
    def list_metadata(self, request: NovaRequest, server_id: str) -> Answer:
        return {"metadata": self.nova.server(server_id, request.caller).metadata}

    @route("POST", "/v2.1/servers/<server_id>/metadata")
    def add_metadata(self, request: NovaRequest, server_id: str) -> Answer:
        added = self._read_metadata(request, "metadata")
        server = self._own(request, server_id)
        return {"metadata": self._set_metadata(server, {**server.metadata, **added})}

    @route("PUT", "/v2.1/servers/<server_id>/metadata")
    def replace_metadata(self, request: NovaRequest, server_id: str) -> Answer:
        metadata = self._read_metadata(request, "metadata")
        return {"metadata": self._set_metadata(self._own(request, server_id), metadata)}

    @route("GET", "/v2.1/servers/<server_id>/metadata/<key>")
    def show_metadata_item(self, request: NovaRequest, server_id: str, key: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        if key not in server.metadata:
            raise Missing("Metadata item was not found")
        return {"meta": {key: server.metadata[key]}}

    @route("PUT", "/v2.1/servers/<server_id>/metadata/<key>")
    def set_metadata_item(self, request: NovaRequest, server_id: str, key: str) -> Answer:
        meta = self._read_metadata(request, "meta")
        if list(meta) != [key]:
            raise Invalid("Request body and URI mismatch")
        server = self._own(request, server_id)
        self._set_metadata(server, {**server.metadata, **meta})
        return {"meta": meta}

    @route("DELETE", "/v2.1/servers/<server_id>/metadata/<key>")
    def delete_metadata_item(self, request: NovaRequest, server_id: str, key: str) -> Answer:
        server = self._own(request, server_id)
        if key not in server.metadata:
            raise Missing("Metadata item was not found")
        self._set_metadata(server, {name: value for name, value in server.metadata.items() if name != key})
        return None

    def _read_metadata(self, request: NovaRequest, name: str) -> dict[str, str]:
        found: dict[str, str] = values(request.json_object(), {name: pairs()}, (name,))[name]
        return found

    def _set_metadata(self, server: Server, metadata: dict[str, str]) -> dict[str, str]:
        nova = self.nova
        nova.quotas.check(server.project_id, metadata_items=len(metadata))
        server.require_state("update metadata", _QUIET, any_task=True)
        server.metadata = metadata
        return metadata

    # -- tags --------------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/tags", min=(2, 26))
    def list_tags(self, request: NovaRequest, server_id: str) -> Answer:
        return {"tags": self.nova.server(server_id, request.caller).tags}

    @route("PUT", "/v2.1/servers/<server_id>/tags", min=(2, 26))
    def replace_tags(self, request: NovaRequest, server_id: str) -> Answer:
        tags = values(request.json_object(), {"tags": several(tag, most=MOST_TAGS)}, ("tags",))["tags"]
        server = self._tagged(request, server_id)
        server.tags = sorted(set(tags))
        return {"tags": server.tags}

    @route("DELETE", "/v2.1/servers/<server_id>/tags", min=(2, 26))
    def delete_tags(self, request: NovaRequest, server_id: str) -> Answer:
        self._tagged(request, server_id).tags = []
        return None

    @route("GET", "/v2.1/servers/<server_id>/tags/<name>", min=(2, 26))
    def show_tag(self, request: NovaRequest, server_id: str, name: str) -> Answer:
        self._check_tag(self.nova.server(server_id, request.caller), name)
        return None

    @route("PUT", "/v2.1/servers/<server_id>/tags/<name>", min=(2, 26))
    def add_tag(self, request: NovaRequest, server_id: str, name: str) -> Answer:
        tag("tag", name)
        server = self._tagged(request, server_id)
        if name in server.tags:
            return None
        if len(server.tags) >= MOST_TAGS:
            raise Invalid(f"The number of tags exceeded the per-server limit {MOST_TAGS}")
        server.tags = sorted([*server.tags, name])
        return 201, None, {"Location": f"{self.base_url(request)}/servers/{server_id}/tags/{name}"}

    @route("DELETE", "/v2.1/servers/<server_id>/tags/<name>", min=(2, 26))
    def delete_tag(self, request: NovaRequest, server_id: str, name: str) -> Answer:
        server = self._tagged(request, server_id)
        self._check_tag(server, name)
        server.tags = [one for one in server.tags if one != name]
        return None

    def _tagged(self, request: NovaRequest, server_id: str) -> Server:
        server = self.nova.server(server_id, request.caller)
        server.require_state("update tag", _QUIET, any_task=True)
        return server

    def _check_tag(self, server: Server, name: str) -> None:
        if name not in server.tags:
            raise Missing(f"Server {server.id} has no tag '{name}'")

    # -- addresses and interfaces ------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/ips")
    def list_ips(self, request: NovaRequest, server_id: str) -> Answer:
        return {"addresses": self._addresses(request, server_id)}

    @route("GET", "/v2.1/servers/<server_id>/ips/<network>")
    def show_ips(self, request: NovaRequest, server_id: str, network: str) -> Answer:
        addresses = self._addresses(request, server_id)
        if network not in addresses:
            raise Missing("Instance is not a member of specified network")
        return {network: addresses[network]}

    def _addresses(self, request: NovaRequest, server_id: str) -> dict[str, list[dict[str, Any]]]:
        server = self.nova.server(server_id, request.caller)
        return {
            network: [{"version": item["version"], "addr": item["addr"]} for item in items]
            for network, items in self.neutron.addresses(server.id).items()
        }

    @route("GET", "/v2.1/servers/<server_id>/os-interface")
    def list_interfaces(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        ports = self.neutron.ports_of(server.id)
        return {"interfaceAttachments": [self._interface(request, port) for port in ports]}

    @route("GET", "/v2.1/servers/<server_id>/os-interface/<port_id>")
    def show_interface(self, request: NovaRequest, server_id: str, port_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        for port in self.neutron.ports_of(server.id):
            if port["id"] == port_id:
                return {"interfaceAttachment": self._interface(request, port)}
        raise Missing(f"Instance {server_id} does not have a port with id {port_id}")

    @route("POST", "/v2.1/servers/<server_id>/os-interface")
    def attach_interface(self, request: NovaRequest, server_id: str) -> Answer:
        readers: dict[str, Reader] = {
            "net_id": uuid,
            "port_id": uuid,
            "fixed_ips": several(within({"ip_address": address(4)}, ("ip_address",)), least=1, most=1),
        }
        if request.version >= (2, 49):
            readers["tag"] = tag
        body = request.json_object()
        fields = section(body, "interfaceAttachment", readers) if body.get("interfaceAttachment") else {}
        if "net_id" in fields and "port_id" in fields:
            raise Invalid("Must not input both network_id and port_id")
        if "fixed_ips" in fields and "net_id" not in fields:
            raise Invalid("Must input network_id when request IP address")
        server = self._own(request, server_id)
        nova = self.nova
        server.require_state("attach_interface", ("active", "paused", "stopped"))
        wanted: dict[str, Any] = {}
        if "port_id" in fields:
            wanted["port"] = fields["port_id"]
        if "net_id" in fields:
            wanted["uuid"] = fields["net_id"]
        if "fixed_ips" in fields:
            wanted["fixed_ip"] = fields["fixed_ips"][0]["ip_address"]
        port = self.neutron.attach(server.id, server.project_id, wanted, admin=request.caller.is_admin)
        action = asked(request, "attach_interface")
        nova.operations.note(server, action)
        return {"interfaceAttachment": self._interface(request, port)}

    @route("DELETE", "/v2.1/servers/<server_id>/os-interface/<port_id>")
    def detach_interface(self, request: NovaRequest, server_id: str, port_id: str) -> Answer:
        server = self._own(request, server_id)
        nova = self.nova
        server.require_state("detach_interface", ("active", "paused", "stopped"))
        self.neutron.detach(server.id, port_id)
        action = asked(request, "detach_interface")
        nova.operations.note(server, action)
        return 202, None

    def _interface(self, request: NovaRequest, port: dict[str, Any]) -> dict[str, Any]:
        shown = {
            "port_id": port["id"],
            "net_id": port["network_id"],
            "mac_addr": port["mac_address"],
            "port_state": port["status"],
            "fixed_ips": [
                {"subnet_id": item["subnet_id"], "ip_address": item["ip_address"]} for item in port["fixed_ips"]
            ],
        }
        if request.version >= (2, 70):
            shown["tag"] = None
        return shown

    # -- security groups ---------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/os-security-groups")
    def list_server_security_groups(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        shown = [
            {
                "id": group["id"],
                "name": group["name"],
                "description": group["description"],
                "tenant_id": group["project_id"],
                "rules": [],
            }
            for group in self.neutron.security_groups_of(server.id)
        ]
        return {"security_groups": shown}

    # -- what this cloud has none of ---------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/os-server-password")
    def show_password(self, request: NovaRequest, server_id: str) -> Answer:
        self.nova.server(server_id, request.caller)
        return {"password": ""}

    @route("DELETE", "/v2.1/servers/<server_id>/os-server-password")
    def clear_password(self, request: NovaRequest, server_id: str) -> Answer:
        self.nova.server(server_id, request.caller)
        return None

    @route("GET", "/v2.1/servers/<server_id>/os-volume_attachments")
    def list_volume_attachments(self, request: NovaRequest, server_id: str) -> Answer:
        self.nova.server(server_id, request.caller)
        return {"volumeAttachments": []}

    @route("GET", "/v2.1/servers/<server_id>/os-volume_attachments/<volume_id>")
    @route("PUT", "/v2.1/servers/<server_id>/os-volume_attachments/<volume_id>")
    @route("DELETE", "/v2.1/servers/<server_id>/os-volume_attachments/<volume_id>")
    def volume_attachment(self, request: NovaRequest, server_id: str, volume_id: str) -> Answer:
        self.nova.server(server_id, request.caller)
        raise Missing(f"Volume {volume_id} could not be found.")

    @route("POST", "/v2.1/servers/<server_id>/os-volume_attachments")
    def attach_volume(self, request: NovaRequest, server_id: str) -> Answer:
        attachment = request.json_object().get("volumeAttachment")
        volume_id = attachment.get("volumeId") if isinstance(attachment, dict) else None
        uuid("volumeId", volume_id)
        self.nova.server(server_id, request.caller)
        raise Missing(f"Volume {volume_id} could not be found.")

    # -- what the hypervisor tells -----------------------------------------------------------------------------------

    @route("GET", "/v2.1/servers/<server_id>/diagnostics", admin=True)
    def show_diagnostics(self, request: NovaRequest, server_id: str) -> Answer:
        nova = self.nova
        server = nova.server(server_id, request.caller)
        server.require_state("get_diagnostics", ("active", "paused", "rescued", "suspended"), any_task=True)
        if server.host is None or nova.computes[server.host].state == "down":
            raise Conflict(f"Instance {server_id} is not ready")
        ports = self.neutron.ports_of(server.id)
        if request.version < (2, 48):
            shown = {f"cpu{number}_time": 17300000000 for number in range(server.flavor.vcpus)}
            return {**shown, "memory": server.flavor.ram << 10, "vda_read": 262144, "vda_write": 5778432}
        seconds = int((request.now - server.launched_at).total_seconds()) if server.launched_at else 0
        states = {"paused": "paused", "suspended": "suspended"}
        return {
            "state": states.get(server.vm_state, "running"),
            "driver": "libvirt",
            "hypervisor": "qemu",
            "hypervisor_os": "linux",
            "uptime": seconds,
            "config_drive": bool(server.config_drive),
            "num_cpus": server.flavor.vcpus,
            "num_nics": len(ports),
            "num_disks": 1,
            "cpu_details": [
                {"id": number, "time": 17300000000, "utilisation": 1} for number in range(server.flavor.vcpus)
            ],
            "memory_details": {"maximum": server.flavor.ram, "used": server.flavor.ram},
            "disk_details": [
                {
                    "read_bytes": 262144,
                    "read_requests": 112,
                    "write_bytes": 5778432,
                    "write_requests": 488,
                    "errors_count": 0,
                }
            ],
            "nic_details": [{"mac_address": port["mac_address"], **dict.fromkeys(_NIC_COUNTERS, 0)} for port in ports],
        }

    @route("GET", "/v2.1/servers/<server_id>/topology", min=(2, 78))
    def show_topology(self, request: NovaRequest, server_id: str) -> Answer:
        server = self.nova.server(server_id, request.caller)
        node: dict[str, Any] = {
            "memory_mb": server.flavor.ram,
            "vcpu_set": list(range(server.flavor.vcpus)),
            "siblings": [],
        }
        if request.caller.is_admin:
            node |= {"host_node": 0, "cpu_pinning": {}}
        return {"nodes": [node], "pagesize_kb": None}
