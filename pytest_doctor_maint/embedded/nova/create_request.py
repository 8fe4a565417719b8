"""Reading what a request for new servers asks for."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.glance.models import Image
from pytest_doctor_maint.embedded.nova.body import (
    Reader,
    boolean,
    named,
    number,
    one_of,
    pairs,
    section,
    text,
    trimmed,
    values,
)
from pytest_doctor_maint.embedded.nova.building import Blueprint
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing, Refused
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.readers import (
    address,
    anything,
    either,
    encoded,
    guest_name,
    hostname,
    is_uuid,
    object_,
    optional,
    reference,
    several,
    tag,
    uuid,
    within,
)
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, Version

_NETWORK: dict[str, Reader] = {
    "uuid": uuid,
    "port": optional(uuid),
    "fixed_ip": either(address(4), address(6)),
    "tag": tag,
}
_DEVICE: dict[str, Reader] = {
    "uuid": text(1, 255, optional=True),
    "source_type": one_of("volume", "image", "snapshot", "blank"),
    "destination_type": one_of("local", "volume"),
    "boot_index": optional(either(number(-1), text(1, 255))),
    "volume_size": optional(either(number(0))),
    "delete_on_termination": boolean,
    "device_name": text(1, 255, optional=True),
    "device_type": text(0, 255, optional=True),
    "disk_bus": text(0, 255, optional=True),
    "guest_format": text(0, 255, optional=True),
    "no_device": anything,
    "tag": tag,
    "volume_type": text(0, 255, optional=True),
}
_OLD_DEVICE: dict[str, Reader] = {
    **dict.fromkeys(_DEVICE, anything),
    "volume_id": uuid,
    "snapshot_id": uuid,
    "virtual_name": text(1, 255),
    "device_name": text(1, 255, pattern=r"[^\s]+"),
}
_HINTS: dict[str, Reader] = {
    "group": uuid,
    "different_host": either(uuid, several(uuid)),
    "same_host": either(uuid, several(uuid)),
}


def _fields(version: Version) -> dict[str, Reader]:
    name = trimmed if version < (2, 1) else named
    fields: dict[str, Reader] = {
        "name": name,
        "flavorRef": reference,
        "imageRef": reference,
        "adminPass": text(0, 255),
        "metadata": pairs(),
        "networks": several(within(_NETWORK)),
        "OS-DCF:diskConfig": one_of("AUTO", "MANUAL"),
        "accessIPv4": address(4),
        "accessIPv6": address(6),
        "availability_zone": text(1, 255),
        "block_device_mapping": several(within(_OLD_DEVICE)),
        "block_device_mapping_v2": several(within(_DEVICE)),
        "config_drive": boolean,
        "key_name": text(1, 255),
        "min_count": number(1),
        "max_count": number(1),
        "return_reservation_id": boolean,
        "security_groups": several(within({"name": text(1, 255)})),
        "user_data": encoded(65535),
        "os:scheduler_hints": object_,
    }
    if version < (2, 57):
        fields["personality"] = several(
            within({"path": text(1, 255), "contents": encoded(100000)}, ("path", "contents"))
        )
    if version >= (2, 19):
        fields["description"] = text(0, 255, optional=True)
    if version >= (2, 37):
        fields["networks"] = either(one_of("auto", "none"), several(within(_NETWORK)))
    if version >= (2, 52):
        fields["tags"] = several(tag, most=50, unique=True)
    if version >= (2, 63):
        fields["trusted_image_certificates"] = optional(several(text(1, 255), least=1, most=50, unique=True))
    if version >= (2, 74):
        fields["host"] = hostname
        fields["hypervisor_hostname"] = hostname
    if version >= (2, 90):
        fields["hostname"] = guest_name(version)
    return fields


def blueprint(nova: Nova, request: NovaRequest, body: dict[str, Any]) -> tuple[Blueprint, dict[str, Any]]:
    """What a ``POST /servers`` asks for: a blueprint, and the fields as they were read.

    Raises:
        Invalid: A field is unknown or wrong, or names something that is not there.
        Refused: The caller may not ask for this.
        QuotaExceeded: There is too much metadata.
    """
    version, caller = request.version, request.caller
    body = dict(body)
    hints = {}
    for key in ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"):
        if key in body:
            hints = object_(key, body.pop(key))
    if set(body) - {"server"}:
        raise Invalid(f"Additional properties are not allowed ({sorted(set(body) - {'server'})[0]!r} was unexpected)")
    required = ["name", "flavorRef"] if version < (2, 37) else ["name", "flavorRef", "networks"]
    fields = section(body, "server", _fields(version), required)
    hints = fields.get("os:scheduler_hints", hints)
    hints = {**hints, **values({key: hints[key] for key in hints if key in _HINTS}, _HINTS)}
    flavor = _flavor(nova, caller, fields["flavorRef"])
    image_id, volume_backed = _boot_source(nova, caller, fields, flavor)
    wanted = Blueprint(fields["name"], flavor, image_id, networks=fields.get("networks"), admin=caller.is_admin)
    wanted.security_groups = _security_groups(fields)
    wanted.minimum = fields.get("min_count", 1)
    wanted.maximum = fields.get("max_count", wanted.minimum)
    if wanted.minimum > wanted.maximum:
        raise Invalid("min_count must be <= max_count")
    _check_several(fields, wanted)
    _check_quota(nova, caller, fields)
    if "key_name" in fields:
        try:
            nova.keypairs.get(caller.user_id, fields["key_name"])
        except Missing as error:
            raise Invalid("Invalid key_name provided.") from error
    _where(nova, caller, fields, wanted)
    _hinted(nova, caller, hints, wanted)
    wanted.attributes = {
        "metadata": fields.get("metadata", {}),
        "tags": fields.get("tags", []),
        "description": fields.get("description", fields["name"] if version < (2, 19) else None),
        "key_name": fields.get("key_name"),
        "user_data": fields.get("user_data"),
        "config_drive": "True" if fields.get("config_drive") else "",
        "disk_config": fields.get("OS-DCF:diskConfig", "MANUAL"),
        "access_ipv4": fields.get("accessIPv4", ""),
        "access_ipv6": fields.get("accessIPv6", ""),
        "trusted_certs": fields.get("trusted_image_certificates"),
        "hostname": fields.get("hostname", ""),
        "volume_backed": volume_backed,
        "pinned": wanted.zone is not None,
    }
    return wanted, fields


def _flavor(nova: Nova, caller: Caller, flavor_id: str) -> Flavor:
    flavor = nova.flavors.get(flavor_id)
    if flavor is None or not (caller.is_admin or flavor.visible_to(caller.project_id)):
        raise Invalid(f"Flavor {flavor_id} could not be found.")
    return flavor


def usable_image(nova: Nova, caller: Caller, image_id: str, flavor: Flavor) -> Image:
    """The image, if a server of that flavor can be made of it.

    Raises:
        Invalid: It is not there, not ready, or too large for the flavor.
    """
    image = nova.glance.images.get(image_id)
    if image is None or not image.visible_to(caller):
        raise Invalid(f"Image {image_id} could not be found.")
    if image.status != "active":
        raise Invalid(f"Image {image_id} is not active.")
    if image.min_ram > flavor.ram:
        raise Invalid("Flavor's memory is too small for requested image.")
    if flavor.disk and image.min_disk > flavor.disk:
        raise Invalid(
            f"Flavor's disk is too small for requested image. Flavor disk is {flavor.disk << 30} bytes, image is "
            f"{image.min_disk << 30} bytes."
        )
    return image


def _boot_source(nova: Nova, caller: Caller, fields: dict[str, Any], flavor: Flavor) -> tuple[str, bool]:
    """The image that servers are made of, and whether it becomes a volume first."""
    devices = fields.get("block_device_mapping_v2", [])
    if devices and fields.get("block_device_mapping"):
        raise Invalid("Using different block_device_mapping syntaxes is not allowed in the same request.")
    if fields.get("block_device_mapping"):
        raise Invalid("Block Device Mapping is Invalid: this cloud has no volumes.")
    boot = [device for device in devices if str(device.get("boot_index")) == "0"]
    if devices and not boot:
        raise Invalid(
            "Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping "
            "combination is not valid."
        )
    for device in devices:
        if device.get("source_type", "blank") in ("volume", "snapshot"):
            raise Invalid(
                f"Block Device Mapping is Invalid: failed to get {device['source_type']} {device.get('uuid')}."
            )
    source = boot[0] if boot else None
    image_id = fields.get("imageRef", "")
    if source is not None:
        if source.get("source_type") != "image" or not source.get("uuid"):
            raise Invalid("Block Device Mapping is Invalid: the device to boot from must be an image.")
        if source.get("destination_type") == "volume" and not source.get("volume_size"):
            raise Invalid("Images with destination_type 'volume' need to have a non-zero size specified")
        if image_id and source.get("destination_type") == "volume":
            raise Invalid("Block Device Mapping is Invalid: You specified more than one boot device.")
        image_id = source["uuid"]
    if not image_id:
        raise Invalid("Invalid imageRef provided.")
    if not is_uuid(image_id):
        raise Invalid("Invalid imageRef provided.")
    usable_image(nova, caller, image_id, flavor)
    return image_id, source is not None and source.get("destination_type") == "volume"


def _check_several(fields: dict[str, Any], wanted: Blueprint) -> None:
    networks = fields.get("networks", [])
    if isinstance(networks, list):
        if wanted.maximum > 1 and any(item.get("port") for item in networks):
            raise Invalid("max_count cannot be greater than 1 if a network port is requested.")
        if wanted.maximum > 1 and any(item.get("fixed_ip") for item in networks):
            raise Invalid("max_count cannot be greater than 1 if an fixed_ip is specified.")
        for item in networks:
            if not item.get("port") and not item.get("uuid"):
                raise Invalid("Bad network format: missing 'uuid'")


def _check_quota(nova: Nova, caller: Caller, fields: dict[str, Any]) -> None:
    nova.quotas.check(caller.project_id, metadata_items=len(fields.get("metadata", {})))
    if files := fields.get("personality"):
        nova.quotas.check(caller.project_id, injected_files=len(files))


def _security_groups(fields: dict[str, Any]) -> list[str]:
    names = [group.get("name", "default") for group in fields.get("security_groups", [])]
    return list(dict.fromkeys(names))


def _where(nova: Nova, caller: Caller, fields: dict[str, Any], wanted: Blueprint) -> None:
    """The zone or the compute that was asked for."""
    zone, _, place = fields.get("availability_zone", "").partition(":")
    if place:
        if not caller.is_admin:
            raise Refused("Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")
        host, _, node = place.partition(":")
        if ":" in node or (host and node and host != node):
            raise Invalid("Invalid availability_zone parameter. It must be ZONE, ZONE:HOST or ZONE:HOST:NODE.")
        wanted.host, wanted.forced = host or node, True
        if not nova.has_compute(wanted.host):
            raise Invalid(f"Compute host {wanted.host} could not be found.")
    elif zone:
        if zone != "nova" and zone not in nova.aggregates.zones():
            raise Invalid("The requested availability zone is not available")
        wanted.zone = zone
    asked = [fields[key] for key in ("host", "hypervisor_hostname") if key in fields]
    if asked:
        if not caller.is_admin:
            raise Refused("Policy doesn't allow compute:servers:create:requested_destination to be performed.")
        if place:
            raise Invalid("Specifying both of hosts/nodes in availability_zone and host is not allowed.")
        if not nova.has_compute(asked[0]) or asked[-1] != asked[0]:
            raise Invalid(f"Compute host {asked[0]} could not be found.")
        wanted.host = asked[0]


def _hinted(nova: Nova, caller: Caller, hints: dict[str, Any], wanted: Blueprint) -> None:
    if "group" in hints:
        try:
            group = nova.groups.find(hints["group"], None if caller.is_admin else caller.project_id)
        except Missing as error:
            raise Invalid(str(error)) from error
        wanted.group_id = group.id
    for key in ("different_host", "same_host"):
        ids = hints.get(key, [])
        setattr(wanted, key, [ids] if isinstance(ids, str) else list(ids))
