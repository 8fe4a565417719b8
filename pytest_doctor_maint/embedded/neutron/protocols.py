"""The IP protocols that security group rules can name."""

from __future__ import annotations

from pytest_doctor_maint.simtime.numbers import natural

#: The numbers of the protocols that have names.
PROTOCOLS = {
    "ah": 51,
    "dccp": 33,
    "egp": 8,
    "esp": 50,
    "gre": 47,
    "hopopt": 0,
    "icmp": 1,
    "icmpv6": 58,
    "igmp": 2,
    "ip": 0,
    "ipip": 4,
    "ipv6-encap": 41,
    "ipv6-frag": 44,
    "ipv6-icmp": 58,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "ipv6-route": 43,
    "ospf": 89,
    "pgm": 113,
    "rsvp": 46,
    "sctp": 132,
    "tcp": 6,
    "udp": 17,
    "udplite": 136,
    "vrrp": 112,
}
#: The protocols with ports, by number.
WITH_PORTS = (6, 17, 33, 132, 136)
#: ICMP of both IP versions, by number.
ICMP = (1, 58)
_IPV6_NAMES = ("icmpv6", "ipv6-icmp", "ipv6-encap", "ipv6-frag", "ipv6-nonxt", "ipv6-opts", "ipv6-route")
_IPV6_NUMBERS = (41, 43, 44, 58, 59, 60)


def protocol(value: object) -> str | None:
    """Check the name or number of a protocol; None, "" and "any" stand for all protocols.

    Raises:
        ValueError: ``value`` is not a protocol.
    """
    if value is None or (isinstance(value, str) and value.lower() in ("", "any")):
        return None
    name = str(value).lower()
    if name in PROTOCOLS or ((number := natural(name)) is not None and number < 256):
        return name
    raise ValueError(f"Security group rule protocol {value} not supported")


def number_of(name: str) -> int:
    """Return the number of a protocol that :func:`protocol` has returned."""
    return PROTOCOLS[name] if name in PROTOCOLS else int(name)


def is_ipv6_only(name: str) -> bool:
    """Return True if the protocol exists only in IPv6."""
    return name in _IPV6_NAMES or number_of(name) in _IPV6_NUMBERS
