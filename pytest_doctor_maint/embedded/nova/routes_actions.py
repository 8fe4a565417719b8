"""``POST /servers/ID/action``: finding the action, and those that leave the server where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pytest_doctor_maint.embedded.nova import views
from pytest_doctor_maint.embedded.nova.body import Reader, boolean, named, number, one_of, pairs, text, values
from pytest_doctor_maint.embedded.nova.create_request import usable_image
from pytest_doctor_maint.embedded.nova.errors import Conflict, Refused
from pytest_doctor_maint.embedded.nova.readers import (
    address,
    encoded,
    guest_name,
    object_,
    optional,
    reference,
    several,
    within,
    wrong,
)
from pytest_doctor_maint.embedded.nova.routes_servers import admin_password, asked, check_lock
from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.nova.versions import LOWEST, NovaRequest, NovaService, Version
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

Handler = TypeVar("Handler", bound=Callable[..., Any])

ACCEPTED: Answer = (202, None)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a handler gives when its action has to wait before it can be answered.

    Attributes:
        finish: Waits, does the rest and gives the answer; it is called without the world's lock.
    """

    finish: Callable[[], Answer]


@dataclass(frozen=True, slots=True)
class Rule:
    """When an action may be asked for.

    Attributes:
        handler: The name of the method that carries it out.
        admin: Whether only admins may.
        locked: Whether a lock does not keep the server's project from it.
    """

    handler: str
    lowest: Version
    highest: Version | None
    admin: bool
    locked: bool


def action(
    name: str,
    *,
    lowest: Version = LOWEST,
    highest: Version | None = None,
    admin: bool = False,
    locked: bool = False,
) -> Callable[[Handler], Handler]:
    """The decorated method carries out the action ``name``; see :class:`Rule`."""

    def mark(handler: Handler) -> Handler:
        handler._action = (name, Rule(handler.__name__, lowest, highest, admin, locked))  # type: ignore[attr-defined]
        return handler

    return mark


def _object_or_null(name: str, value: Any) -> dict[str, Any]:
    return {} if value is None else object_(name, value)


def fields_of(name: str, value: Any, readers: dict[str, Reader], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of an action's body.

    Raises:
        Invalid: It is no object, or has other fields.
    """
    return values(object_(name, value), readers, required)


class ActionsRoutes(NovaService):
    """Actions on servers. A subclass marks more of them with :func:`action`."""

    @route("POST", "/v2.1/servers/<server_id>/action", waits=True)
    def act(self, request: NovaRequest, server_id: str) -> Answer:
        with self.core.lock:
            answer = self._act(request, server_id)
        return answer.finish() if isinstance(answer, Unfinished) else answer

    def _act(self, request: NovaRequest, server_id: str) -> Answer | Unfinished:
        body = request.json_object()
        if len(body) != 1:
            raise HttpError(400, "There must be exactly one action in the body.")
        ((name, value),) = body.items()
        rule = self._rules().get(name)
        if rule is None:
            raise HttpError(400, f"There is no such action: {name}.")
        if not rule.lowest <= request.version <= (rule.highest or self.highest):
            raise HttpError(404, "The resource could not be found.")
        if rule.admin and not request.caller.is_admin:
            raise Refused(f"Policy doesn't allow os_compute_api:{name} to be performed.")
        server = self.nova.server(server_id, request.caller)
        if not rule.locked:
            check_lock(server, request)
        answer: Answer | Unfinished = getattr(self, rule.handler)(request, server, value)
        return answer

    @classmethod
    def _rules(cls) -> dict[str, Rule]:
        found: dict[str, Rule] | None = cls.__dict__.get("_found_rules")
        if found is None:
            marks = (getattr(getattr(cls, name), "_action", None) for name in dir(cls))
            found = dict(mark for mark in marks if mark is not None)
            cls._found_rules = found  # type: ignore[attr-defined]
        return found

    # -- power -------------------------------------------------------------------------------------------------------

    def _change(self, request: NovaRequest, server: Server, verb: str, name: str) -> Answer:
        self.nova.lifecycle.change(server, asked(request, verb, name))
        return ACCEPTED

    @action("os-start")
    def start_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "os-start", "start")

    @action("os-stop")
    def stop_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "os-stop", "stop")

    @action("pause")
    def pause_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "pause", "pause")

    @action("unpause")
    def unpause_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "unpause", "unpause")

    @action("suspend")
    def suspend_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "suspend", "suspend")

    @action("resume")
    def resume_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "resume", "resume")

    @action("reboot")
    def reboot_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        def kind(name: str, value: Any) -> str:
            return str(one_of("SOFT", "HARD")(name, value.upper() if isinstance(value, str) else value))

        fields = fields_of("reboot", value, {"type": kind}, ("type",))
        self.nova.lifecycle.reboot(server, asked(request, "reboot"), hard=fields["type"] == "HARD")
        return ACCEPTED

    @action("rescue")
    def rescue_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        fields = values(_object_or_null("rescue", value), {"adminPass": text(0, 255), "rescue_image_ref": reference})
        if "rescue_image_ref" in fields:
            usable_image(self.nova, request.caller, fields["rescue_image_ref"], server.flavor)
        self.nova.lifecycle.change(server, asked(request, "rescue"))
        return 200, {"adminPass": fields.get("adminPass") or admin_password(self)}

    @action("unrescue")
    def unrescue_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._change(request, server, "unrescue", "unrescue")

    # -- what it is made of ------------------------------------------------------------------------------------------

    @action("rebuild")
    def rebuild_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        nova, version = self.nova, request.version
        readers: dict[str, Reader] = {
            "imageRef": reference,
            "name": named,
            "adminPass": text(0, 255),
            "metadata": pairs(),
            "preserve_ephemeral": boolean,
            "OS-DCF:diskConfig": one_of("AUTO", "MANUAL"),
            "accessIPv4": address(4),
            "accessIPv6": address(6),
        }
        if version < (2, 57):
            readers["personality"] = several(
                within({"path": text(), "contents": encoded(100000)}, ("path", "contents"))
            )
        if version >= (2, 19):
            readers["description"] = text(0, 255, optional=True)
        if version >= (2, 54):
            readers["key_name"] = text(1, 255, optional=True)
        if version >= (2, 57):
            readers["user_data"] = optional(encoded(65535))
        if version >= (2, 63):
            readers["trusted_image_certificates"] = optional(several(text(), least=1, most=50, unique=True))
        if version >= (2, 90):
            readers["hostname"] = guest_name(version)
        fields = fields_of("rebuild", value, readers, ("imageRef",))
        image = usable_image(nova, request.caller, fields["imageRef"], server.flavor)
        if fields.get("key_name") is not None:
            nova.keypairs.get(request.caller.user_id, fields["key_name"])
        nova.quotas.check(server.project_id, metadata_items=len(fields.get("metadata", {})))
        names = {
            "name": "name",
            "metadata": "metadata",
            "description": "description",
            "key_name": "key_name",
            "user_data": "user_data",
            "hostname": "hostname",
            "OS-DCF:diskConfig": "disk_config",
            "accessIPv4": "access_ipv4",
            "accessIPv6": "access_ipv6",
            "trusted_image_certificates": "trusted_certs",
        }
        changes = {names[key]: fields[key] for key in names if key in fields}
        nova.lifecycle.rebuild(server, asked(request, "rebuild"), image.id, changes)
        shown = views.full(nova, request, server)
        if version < (2, 75):
            shown = views.without_extended(shown)
            if version >= (2, 54):
                shown["key_name"] = server.key_name
        if version >= (2, 57):
            shown.pop("OS-EXT-SRV-ATTR:user_data", None)
            shown["user_data"] = server.user_data
        shown["adminPass"] = fields.get("adminPass") or admin_password(self)
        return 202, {"server": shown}, {"Location": f"{self.base_url(request)}/servers/{server.id}"}

    @action("createImage")
    def create_image(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        fields = fields_of("createImage", value, {"name": named, "metadata": pairs()}, ("name",))
        nova = self.nova
        nova.quotas.check(server.project_id, metadata_items=len(fields.get("metadata", {})))
        image_id = nova.snapshots.create(
            server, asked(request, "createImage"), fields["name"], fields.get("metadata", {})
        )
        if request.version >= (2, 45):
            return 202, {"image_id": image_id}
        return 202, None, {"Location": f"{self.core.url}/image/v2/images/{image_id}"}

    @action("createBackup")
    def create_backup(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        readers = {"name": named, "backup_type": text(0, 255), "rotation": number(), "metadata": pairs()}
        fields = fields_of("createBackup", value, readers, ("name", "backup_type", "rotation"))
        nova = self.nova
        properties = {**fields.get("metadata", {}), "backup_type": fields["backup_type"]}
        image_id = nova.snapshots.create(server, asked(request, "createBackup"), fields["name"], properties)
        nova.snapshots.rotate_backups(server, fields["backup_type"], fields["rotation"])
        if fields["rotation"] == 0:
            return ACCEPTED
        if request.version >= (2, 45):
            return 202, {"image_id": image_id}
        return 202, None, {"Location": f"{self.core.url}/image/v2/images/{image_id}"}

    @action("changePassword")
    def change_password(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        fields_of("changePassword", value, {"adminPass": text(0, 255)}, ("adminPass",))
        self.nova.lifecycle.change_password(server, asked(request, "changePassword"))
        return ACCEPTED

    # -- what may be done with it ------------------------------------------------------------------------------------

    @action("lock", locked=True)
    def lock_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        reason = None
        if request.version >= (2, 73):
            reason = values(_object_or_null("lock", value), {"locked_reason": text(1, 255)}).get("locked_reason")
        own = server.project_id == request.caller.project_id
        self.nova.lifecycle.lock(server, asked(request, "lock"), "owner" if own else "admin", reason)
        return ACCEPTED

    @action("unlock", locked=True)
    def unlock_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        if server.locked_by == "admin" and not request.caller.is_admin:
            raise Refused("Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.")
        self.nova.lifecycle.unlock(server, asked(request, "unlock"))
        return ACCEPTED

    @action("os-resetState", admin=True, locked=True)
    def reset_state(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        fields = fields_of("os-resetState", value, {"state": one_of("active", "error")}, ("state",))
        self.nova.lifecycle.reset_state(server, asked(request, "os-resetState"), fields["state"])
        return ACCEPTED

    @action("resetNetwork", admin=True, highest=(2, 92))
    def reset_network(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        server.require_state("resetNetwork", ("active", "stopped", "paused", "suspended"), any_task=True)
        return ACCEPTED

    @action("injectNetworkInfo", admin=True, highest=(2, 92))
    def inject_network_info(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        server.require_state("injectNetworkInfo", ("active", "stopped", "paused"), any_task=True)
        return ACCEPTED

    @action("forceDelete", locked=True)
    def force_delete(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        check_lock(server, request)
        self.nova.deletion.delete(server, asked(request, "forceDelete", "delete"))
        return ACCEPTED

    @action("restore")
    def restore_server(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        # Deleting is never soft on this cloud, so there is nothing to bring back.
        server.require_state("restore", ("soft-delete",), any_task=True)
        return ACCEPTED

    @action("trigger_crash_dump", lowest=(2, 17))
    def trigger_crash_dump(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        # What a guest makes of the interrupt is its own affair; the guests here live on.
        states = ("active", "paused", "rescued", "resized", "error")
        server.require_state("trigger_crash_dump", states)
        return ACCEPTED

    # -- consoles ----------------------------------------------------------------------------------------------------

    @action("os-getConsoleOutput", locked=True)
    def console_output(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        def length(name: str, value: Any) -> int | None:
            found = None if value is None else int(number(-1)(name, value))
            return None if found == -1 else found

        fields = fields_of("os-getConsoleOutput", value, {"length": length})
        if server.host is None or server.launched_at is None:
            raise Conflict(f"Instance {server.id} is not ready")
        lines = [f"{server.hostname} boot line {line}" for line in range(1, 33)]
        wanted = fields.get("length")
        shown = lines if wanted is None else lines[len(lines) - min(wanted, len(lines)) :]
        return {"output": "\n".join(shown)}

    def _console(self, server: Server, name: str, value: Any, kinds: tuple[str, ...], protocol: str) -> Answer:
        fields = fields_of(name, value, {"type": one_of(*kinds)}, ("type",))
        return {"console": {"type": fields["type"], "url": self.console_url(server, protocol)}}

    def console_url(self, server: Server, protocol: str) -> str:
        """Where a console of the server would be, with a token that is good for nothing else.

        Raises:
            Conflict: The server is on no compute.
        """
        if server.host is None or server.launched_at is None:
            raise Conflict(f"Instance {server.id} is not ready")
        page = {"vnc": "vnc_auto.html", "spice": "spice_auto.html", "mks": "mks.html"}.get(protocol, "")
        return f"{self.core.url}/{page}?path=%3Ftoken%3D{self.core.ids.uuid('console')}"

    @action("os-getVNCConsole", highest=(2, 5))
    def vnc_console(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._console(server, "os-getVNCConsole", value, ("novnc", "xvpvnc"), "vnc")

    @action("os-getSPICEConsole", highest=(2, 5))
    def spice_console(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._console(server, "os-getSPICEConsole", value, ("spice-html5",), "spice")

    @action("os-getSerialConsole", highest=(2, 5))
    def serial_console(self, request: NovaRequest, server: Server, value: Any) -> Answer:
        return self._console(server, "os-getSerialConsole", value, ("serial",), "serial")

    @route("POST", "/v2.1/servers/<server_id>/remote-consoles", min=(2, 6))
    def create_remote_console(self, request: NovaRequest, server_id: str) -> Answer:
        protocols = {"vnc": ("novnc",), "spice": ("spice-html5",), "serial": ("serial",), "mks": ("webmks",)}
        body = request.json_object()
        readers = {"protocol": one_of(*protocols), "type": text(1, 255)}
        fields = fields_of("remote_console", body.get("remote_console"), readers, ("protocol", "type"))
        if fields["type"] not in protocols[fields["protocol"]]:
            raise wrong("type", fields["type"], f"one of {', '.join(protocols[fields['protocol']])}")
        server = self.nova.server(server_id, request.caller)
        return {"remote_console": {**fields, "url": self.console_url(server, fields["protocol"])}}
