"""From the body of ``POST /servers`` to a blueprint: the checks that need more than a schema."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.nova.building import Blueprint
from pytest_doctor_maint.embedded.nova.errors import Invalid, Missing, Refused
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.schema import is_uuid
from pytest_doctor_maint.embedded.nova.server_schemas import CREATE
from pytest_doctor_maint.embedded.nova.service import NovaRequest
from pytest_doctor_maint.embedded.nova.usable import usable_flavor, usable_image
from pytest_doctor_maint.embedded.nova.values import address, boolean, reference


def blueprint(nova: Nova, request: NovaRequest) -> tuple[Blueprint, dict[str, Any]]:
    """Return what a request to create servers asks for: a blueprint, and the fields of ``server`` as they were sent.

    Raises:
        Invalid: The body is malformed, or names something that does not exist.
        Refused: The caller is not allowed to ask for this.
        QuotaExceeded: There is too much metadata, or there are too many files.
    """
    body, caller = request.valid_body(CREATE), request.caller
    fields: dict[str, Any] = body["server"]
    hints = {**body.get("OS-SCH-HNT:scheduler_hints", {}), **body.get("os:scheduler_hints", {})}
    _check_rights(caller, fields)
    flavor = usable_flavor(nova, caller, reference(fields["flavorRef"]))
    image_id, volume_backed = _boot_source(nova, caller, fields, flavor)
    name = fields["name"].strip()
    wanted = Blueprint(name, flavor, image_id, networks=fields.get("networks"), admin=caller.is_admin)
    wanted.security_groups = _security_groups(fields)
    wanted.minimum = int(fields.get("min_count", 1))
    wanted.maximum = int(fields.get("max_count", wanted.minimum))
    if wanted.minimum > wanted.maximum:
        raise Invalid("min_count must be <= max_count")
    _check_networks(fields, wanted)
    _check_quota(nova, caller, fields)
    if "key_name" in fields:
        _check_key(nova, caller, fields["key_name"])
    _choose_place(nova, fields, wanted)
    _apply_hints(nova, caller, hints, wanted)
    wanted.attributes = {
        "metadata": fields.get("metadata", {}),
        "tags": list(dict.fromkeys(fields.get("tags", []))),
        # Before 2.19 the description is the name.
        "description": fields.get("description", name if request.version < (2, 19) else None),
        "key_name": fields.get("key_name"),
        "user_data": fields.get("user_data"),
        "config_drive": "True" if boolean(fields.get("config_drive", False)) else "",
        "disk_config": fields.get("OS-DCF:diskConfig", "MANUAL"),
        "access_ipv4": address(fields["accessIPv4"]) if "accessIPv4" in fields else "",
        "access_ipv6": address(fields["accessIPv6"]) if "accessIPv6" in fields else "",
        "trusted_certs": fields.get("trusted_image_certificates"),
        "hostname": fields.get("hostname", ""),
        "volume_backed": volume_backed,
        "pinned": wanted.zone is not None,
    }
    return wanted, fields


def _check_rights(caller: Caller, fields: dict[str, Any]) -> None:
    """Check that the caller may choose the compute, before anything else is looked at.

    Raises:
        Refused: The caller may not.
    """
    if caller.is_admin:
        return
    if fields.get("availability_zone", "").partition(":")[2]:
        raise Refused("Policy doesn't allow os_compute_api:servers:create:forced_host to be performed.")
    if "host" in fields or "hypervisor_hostname" in fields:
        raise Refused("Policy doesn't allow compute:servers:create:requested_destination to be performed.")


def _boot_source(nova: Nova, caller: Caller, fields: dict[str, Any], flavor: Flavor) -> tuple[str, bool]:
    """Return the image to boot from, and True if a volume is made of it first."""
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
    image_id = fields.get("imageRef", "")
    to_volume = False
    if boot:
        image_id, to_volume = _bootable_image(boot[0], image_id)
    if not is_uuid(image_id):
        raise Invalid("Invalid imageRef provided.")
    usable_image(nova, caller, image_id, flavor)
    return image_id, to_volume


def _bootable_image(device: dict[str, Any], image_ref: str) -> tuple[str, bool]:
    """Return the image of the device to boot from, and True if a volume is made of it."""
    to_volume = device.get("destination_type") == "volume"
    if device.get("source_type") != "image" or not device.get("uuid"):
        raise Invalid("Block Device Mapping is Invalid: the device to boot from must be an image.")
    if to_volume and not device.get("volume_size"):
        raise Invalid("Images with destination_type 'volume' need to have a non-zero size specified")
    if to_volume and image_ref:
        raise Invalid("Block Device Mapping is Invalid: You specified more than one boot device.")
    return device["uuid"], to_volume


def _check_networks(fields: dict[str, Any], wanted: Blueprint) -> None:
    networks = fields.get("networks", [])
    if isinstance(networks, str):
        return
    if wanted.maximum > 1 and any(item.get("port") for item in networks):
        raise Invalid("max_count cannot be greater than 1 if a network port is requested.")
    if wanted.maximum > 1 and any(item.get("fixed_ip") for item in networks):
        raise Invalid("max_count cannot be greater than 1 if an fixed_ip is specified.")
    for item in networks:
        if not item.get("port") and not item.get("uuid"):
            raise Invalid("Bad network format: missing 'uuid'")
        if not item.get("port") and not is_uuid(item["uuid"]):
            raise Invalid(f"Bad networks format: network uuid is not in proper format ({item['uuid']})")


def _check_quota(nova: Nova, caller: Caller, fields: dict[str, Any]) -> None:
    nova.quotas.check_request(caller.project_id, metadata_items=len(fields.get("metadata", {})))
    files = [(item["path"], item["contents"]) for item in fields.get("personality", [])]
    nova.quotas.check_files(caller.project_id, files)


def _check_key(nova: Nova, caller: Caller, name: str) -> None:
    try:
        nova.keypairs.get(caller.user_id, name)
    except Missing as error:
        raise Invalid("Invalid key_name provided.") from error


def _security_groups(fields: dict[str, Any]) -> list[str]:
    names = [group.get("name", "default") for group in fields.get("security_groups", [])]
    return list(dict.fromkeys(names))


def _choose_place(nova: Nova, fields: dict[str, Any], wanted: Blueprint) -> None:
    """Set the availability zone or the compute that is requested."""
    zone, _, place = fields.get("availability_zone", "").partition(":")
    if place:
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
    hosts = [fields[key] for key in ("host", "hypervisor_hostname") if key in fields]
    if hosts:
        if place:
            raise Invalid("Specifying both of hosts/nodes in availability_zone and host is not allowed.")
        if not nova.has_compute(hosts[0]) or hosts[-1] != hosts[0]:
            raise Invalid(f"Compute host {hosts[0]} could not be found.")
        wanted.host = hosts[0]


def _apply_hints(nova: Nova, caller: Caller, hints: dict[str, Any], wanted: Blueprint) -> None:
    """Set what the scheduler hints ask for."""
    for group_id in _as_list(hints.get("group", []))[:1]:
        try:
            group = nova.groups.find(group_id, None if caller.is_admin else caller.project_id)
        except Missing as error:
            raise Invalid(str(error)) from error
        wanted.group_id = group.id
    wanted.different_host = _as_list(hints.get("different_host", []))
    wanted.same_host = _as_list(hints.get("same_host", []))


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
