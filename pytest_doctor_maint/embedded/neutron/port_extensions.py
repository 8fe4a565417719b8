"""Attributes of ports that extensions add: address pairs, DHCP options, port security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, conflict


def complete_pairs(pairs: Sequence[Mapping[str, str]], mac: str) -> list[dict[str, str]]:
    """Return allowed address pairs, each with a MAC address: its own or the port's.

    Raises:
        NeutronError: 400, a pair is given twice.
    """
    found: list[dict[str, str]] = []
    for pair in pairs:
        full = {"mac_address": pair.get("mac_address", mac), "ip_address": pair["ip_address"]}
        if full in found:
            raise NeutronError(
                400,
                "DuplicateAddressPairInRequest",
                f"Request contains duplicate address pair: mac_address {full['mac_address']} ip_address "
                f"{full['ip_address']}.",
            )
        found.append(full)
    return found


def merge_dhcp_options(have: Sequence[Record], wanted: Sequence[Record]) -> list[Record]:
    """Return a port's DHCP options after a request. An option without a value is removed."""
    options = {(item["opt_name"], item["ip_version"]): item for item in have}
    for item in wanted:
        key = (item["opt_name"], item.get("ip_version", 4))
        if item["opt_value"] is None:
            options.pop(key, None)
        else:
            options[key] = {"opt_name": key[0], "opt_value": item["opt_value"], "ip_version": key[1]}
    return list(options.values())


def check_port_security(port: Record) -> None:
    """Check that a port without port security has nothing that needs it.

    Raises:
        NeutronError: 409, the port has security groups or allowed address pairs.
    """
    if port["port_security_enabled"]:
        return
    if port["security_groups"]:
        raise conflict(
            "PortSecurityPortHasSecurityGroup",
            "Port has security group associated. Cannot disable port security or IP address until security group "
            "is removed.",
        )
    if port["allowed_address_pairs"]:
        raise conflict(
            "AddressPairAndPortSecurityRequired",
            "Port Security must be enabled in order to have allowed address pairs on a port.",
        )
