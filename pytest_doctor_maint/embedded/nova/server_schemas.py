"""The schemas of creating, updating and listing servers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pytest_doctor_maint.embedded.nova.schema import Json, Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    BASE64,
    BOOLEAN,
    DESCRIPTION,
    DISK_CONFIG,
    FLAVOR_REF,
    HOST,
    HOSTNAME,
    IP_ADDRESS,
    IPV4,
    IPV6,
    MAX_INT,
    METADATA,
    NAME,
    PAGING,
    PERSONALITY,
    POSITIVE,
    TAG,
    TAGS_PER_SERVER,
    TRUSTED_CERTS,
    UUID,
    array,
    enum,
    integer,
    many,
    nullable,
    object_,
    query,
    section,
    string,
)

# -- creating --------------------------------------------------------------------------------------------------------

_NETWORK: Json = {"fixed_ip": IP_ADDRESS, "port": nullable(UUID), "uuid": ANY_STRING}
_NETWORK_2_37: Json = {**_NETWORK, "uuid": UUID}
_TAGGED_NETWORK_2_42: Json = {**_NETWORK_2_37, "tag": TAG}

_OLD_DEVICE: Json = {
    "virtual_name": string(0, 255),
    "volume_id": UUID,
    "snapshot_id": UUID,
    "volume_size": integer(1, MAX_INT),
    "device_name": string(1, 255, "^[a-zA-Z0-9._/-]*$"),
    "delete_on_termination": BOOLEAN,
    "no_device": {},
    "connection_info": ANY_STRING,
}
_DEVICE: Json = {
    **_OLD_DEVICE,
    "source_type": enum("volume", "image", "snapshot", "blank"),
    "uuid": string(1, 255, "^[a-zA-Z0-9._-]*$"),
    "image_id": UUID,
    "destination_type": enum("local", "volume"),
    "guest_format": string(0, 255),
    "device_type": string(0, 255),
    "disk_bus": string(0, 255),
    "boot_index": {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$"},
}

_SERVERS = {"oneOf": [UUID, array(UUID)]}
_HINTS = {
    "type": "object",
    "properties": {
        "group": {"oneOf": [array(UUID), UUID]},
        "different_host": _SERVERS,
        "same_host": {"type": ["string", "array"], "items": UUID, "format": "uuid"},
        "query": {"type": ["string", "object"]},
        "target_cell": NAME,
        "different_cell": {"type": ["string", "array"], "items": ANY_STRING},
        "build_near_host_ip": IP_ADDRESS,
        "cidr": string(pattern="^/[0-9a-f.:]+$"),
    },
    # Schedulers may have filters with hints of their own.
    "additionalProperties": True,
}

_SERVER: Json = {
    "name": NAME,
    "imageRef": {"oneOf": [UUID, string(0, 0)]},
    "flavorRef": FLAVOR_REF,
    "adminPass": ANY_STRING,
    "metadata": METADATA,
    "networks": array(object_(_NETWORK)),
    "OS-DCF:diskConfig": DISK_CONFIG,
    "accessIPv4": IPV4,
    "accessIPv6": IPV6,
    "personality": PERSONALITY,
    "availability_zone": NAME,
    "block_device_mapping": array(object_(_OLD_DEVICE)),
    "block_device_mapping_v2": array(object_(_DEVICE)),
    "config_drive": BOOLEAN,
    "key_name": NAME,
    "min_count": POSITIVE,
    "max_count": POSITIVE,
    "return_reservation_id": BOOLEAN,
    "security_groups": array(object_({"name": NAME})),
    "user_data": {**BASE64, "maxLength": 65535},
}


def _create(server: Json, required: Collection[str] = ("name", "flavorRef")) -> dict[str, Any]:
    return object_(
        {
            "server": object_(server, required),
            "os:scheduler_hints": _HINTS,
            "OS-SCH-HNT:scheduler_hints": _HINTS,
        },
        ["server"],
    )


def _networks(network: Json) -> dict[str, Any]:
    return {"oneOf": [array(object_(network)), enum("none", "auto")]}


_WITH_NETWORKS = ("name", "flavorRef", "networks")
_2_19 = {**_SERVER, "description": DESCRIPTION}
_2_33 = {**_2_19, "networks": array(object_({**_NETWORK, "tag": TAG}))}
# Device tags exist in 2.32, not in the microversions up to 2.41, and again from 2.42 on.
_2_32 = {**_2_33, "block_device_mapping_v2": array(object_({**_DEVICE, "tag": TAG}))}
_2_37 = {**_2_33, "networks": _networks(_NETWORK_2_37)}
_2_42 = {
    **_2_37,
    "networks": _networks(_TAGGED_NETWORK_2_42),
    "block_device_mapping_v2": array(object_({**_DEVICE, "tag": TAG})),
}
_2_52 = {**_2_42, "tags": array(TAG, maxItems=TAGS_PER_SERVER)}
_2_57 = {name: schema for name, schema in _2_52.items() if name != "personality"}
_2_63 = {**_2_57, "trusted_image_certificates": TRUSTED_CERTS}
_2_67 = {
    **_2_63,
    "block_device_mapping_v2": array(object_({**_DEVICE, "tag": TAG, "volume_type": nullable(string(0, 255))})),
}
_2_74 = {**_2_67, "host": HOST, "hypervisor_hostname": HOST}

CREATE = Schemas(
    _create(_SERVER),
    {
        (2, 19): _create(_2_19),
        (2, 32): _create(_2_32),
        (2, 33): _create(_2_33),
        (2, 37): _create(_2_37, _WITH_NETWORKS),
        (2, 42): _create(_2_42, _WITH_NETWORKS),
        (2, 52): _create(_2_52, _WITH_NETWORKS),
        (2, 57): _create(_2_57, _WITH_NETWORKS),
        (2, 63): _create(_2_63, _WITH_NETWORKS),
        (2, 67): _create(_2_67, _WITH_NETWORKS),
        (2, 74): _create(_2_74, _WITH_NETWORKS),
        (2, 90): _create({**_2_74, "hostname": HOSTNAME}, _WITH_NETWORKS),
        (2, 94): _create({**_2_74, "hostname": HOST}, _WITH_NETWORKS),
    },
)

# -- updating --------------------------------------------------------------------------------------------------------

_UPDATE: Json = {"name": NAME, "OS-DCF:diskConfig": DISK_CONFIG, "accessIPv4": IPV4, "accessIPv6": IPV6}
_UPDATE_2_19: Json = {**_UPDATE, "description": DESCRIPTION}
UPDATE = Schemas(
    section("server", _UPDATE),
    {
        (2, 19): section("server", _UPDATE_2_19),
        (2, 90): section("server", {**_UPDATE_2_19, "hostname": HOSTNAME}),
        (2, 94): section("server", {**_UPDATE_2_19, "hostname": HOST}),
    },
)

# -- listing ---------------------------------------------------------------------------------------------------------

#: The attributes by which listings are sorted.
SORT_KEYS = (
    "access_ip_v4",
    "access_ip_v6",
    "auto_disk_config",
    "availability_zone",
    "config_drive",
    "created_at",
    "display_description",
    "display_name",
    "host",
    "hostname",
    "image_ref",
    "instance_type_id",
    "kernel_id",
    "key_name",
    "launch_index",
    "launched_at",
    "locked_by",
    "node",
    "power_state",
    "progress",
    "project_id",
    "ramdisk_id",
    "root_device_name",
    "task_state",
    "terminated_at",
    "updated_at",
    "user_id",
    "uuid",
    "vm_state",
)
#: Sort keys that are allowed before 2.75, and ignored.
IGNORED_SORT_KEYS = (
    "architecture",
    "cell_name",
    "cleaned",
    "default_ephemeral_device",
    "default_swap_device",
    "deleted",
    "deleted_at",
    "disable_terminate",
    "ephemeral_gb",
    "ephemeral_key_uuid",
    "id",
    "key_data",
    "launched_on",
    "locked",
    "memory_mb",
    "os_type",
    "reservation_id",
    "root_gb",
    "shutdown_terminate",
    "user_data",
    "vcpus",
    "vm_mode",
)
_TEXT = many(ANY_STRING)
_REGEX = many({"type": "string", "format": "regex"})
_TIME = many({"type": "string", "format": "date-time"})
_PLAIN = (
    "user_id",
    "project_id",
    "tenant_id",
    "launch_index",
    "image_ref",
    "image",
    "vm_state",
    "task_state",
    "host",
    "uuid",
    "sort_dir",
    "all_tenants",
    "soft_deleted",
    "deleted",
    "status",
)
_PATTERNS = (
    "kernel_id",
    "ramdisk_id",
    "hostname",
    "key_name",
    "power_state",
    "node",
    "flavor",
    "reservation_id",
    "launched_at",
    "terminated_at",
    "availability_zone",
    "name",
    "display_name",
    "description",
    "display_description",
    "locked_by",
    "root_device_name",
    "config_drive",
    "access_ip_v4",
    "access_ip_v6",
    "auto_disk_config",
    "progress",
    "ip",
    "ip6",
    "created_at",
)
_LIST: Json = {
    **dict.fromkeys(_PLAIN, _TEXT),
    **dict.fromkeys(_PATTERNS, _REGEX),
    "sort_key": many(enum(*SORT_KEYS, *IGNORED_SORT_KEYS)),
    "changes-since": _TIME,
    **PAGING,
}
# Nova's schema calls them patterns, too, but they are lists of tags, and may be long.
_LIST_2_26: Json = {**_LIST, **dict.fromkeys(("tags", "tags-any", "not-tags", "not-tags-any"), many(string(1)))}
_LIST_2_66: Json = {**_LIST_2_26, "changes-before": _TIME}
_LIST_2_73: Json = {**_LIST_2_66, "locked": _TEXT}
LIST = Schemas(
    query(_LIST),
    {
        (2, 26): query(_LIST_2_26),
        (2, 66): query(_LIST_2_66),
        (2, 73): query(_LIST_2_73),
        (2, 75): query({**_LIST_2_73, "sort_key": many(enum(*SORT_KEYS, "locked"))}, closed=True),
    },
)
