"""The words of the fuzzer: odd values, names of parameters, and bodies from which mutations begin."""

# ruff: noqa: E501  # tables of words

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Any

#: Texts that some parser takes for something else than it is.
TEXTS: Sequence[str] = (
    "", " ", "0", "1", "-1", "+1", "1_0", "1.5", "1e999", "NaN", "inf", "²", "٣", "9" * 19, "9" * 4400, "0x10", "true",
    "None", "null", "admin", "default", "%", "*", "?", "[", "(a+)+$", "(", "\\", "a" * 300, "ä", "\u202e", "\x00", "\n",
    "\ud800", "..", "../..", "/", "//", "~1", "in:", "gt:", "gt:²", "{}", "[]", "{[]: 1}", "[" * 5000, "-" * 5000, "a:b",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00", "9999-12-31 23:59:59", "2030-01-01",
    "2030-01-01T00:00:00Z", "2030-02-30 00:00:00", "24:00", "::1", "127.0.0.1", "0.0.0.0/0", "10.0.0.0/33", "fe80::/10",
    "http://[::1", "http://nowhere:99999/", "http://a/", "log://", "00:00:00:00:00:00", "a@b", "=", "json:loads",
    "00000000-0000-0000-0000-000000000000", "VCPU:1", "VCPU:²", "VCPU:" + "9" * 4400, "m1.small", "compute-1",
)  # fmt: skip
#: JSON values that are none of what is expected.
VALUES: Sequence[Any] = (
    None, True, False, 0, 1, -1, 2, 255, 256, 65536, 2**31, 2**63, 10**19, 0.5, -0.0, 1e308, 1e-308,
    [], {}, [[]], [{}], {"": None}, [None], {"a": {"b": {"c": []}}}, [1, "1", None],
)  # fmt: skip
#: Bodies that are no JSON, or more of it than is good.
RAW_BODIES: Sequence[bytes] = (
    b"", b"{", b"}", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b'{"a": NaN}', b'{"a": 1e999}', b"\xff\xfe", b"\x00",
    b'{"a": ' + b"9" * 5000 + b"}", b'"\\ud800"', b"null", b"[]", b"1", b'""', b"{}" * 3, "{}".encode("utf-16"),
    b'{"a": "' + b"x" * 100_000 + b'"}', b"a=1&b=2", b"--x\r\n\r\n",
)  # fmt: skip
PARAMETERS: Sequence[str] = (
    "limit", "marker", "offset", "sort_key", "sort_dir", "sort_keys", "sort", "fields", "name", "id", "status", "host",
    "changes-since", "changes-before", "changed_since", "created_at", "updated_at", "start", "end", "detailed", "ip",
    "all_tenants", "all_projects", "deleted", "flavor", "image", "tenant_id", "project_id", "user_id", "minRam", "minDisk",
    "is_public", "page_reverse", "revision_number", "fixed_ips", "q.field", "q.op", "q.value", "q.type", "filter", "orderby",
    "resources", "required", "member_of", "in_tree", "resources1", "group_policy", "size_min", "size_max", "owner", "tag",
    "visibility", "member_status", "reserved", "usages", "tags", "not-tags", "binary", "include_names", "effective", "domain_id",
    "protected", "os_hidden", "cidr", "ip_version", "port_range_min", "type", "enabled", "service_id", "with_servers",
)  # fmt: skip
HEADERS: Sequence[str] = (
    "OpenStack-API-Version", "X-OpenStack-Nova-API-Version", "X-Subject-Token", "If-Match", "Range", "Accept", "Host",
    "Content-Type", "Cookie", "X-Forwarded-Host", "If-Modified-Since", "X-Doctor-Maint-Cause", "Accept-Language",
    "Content-Range", "Expect", "Authorization", "X-Openstack-Request-Id", "X-Roles", "X-Project-Id", "If-None-Match",
)  # fmt: skip
CONTENT_TYPES: Sequence[str] = (
    "application/json", "application/octet-stream", "application/openstack-images-v2.1-json-patch",
    "application/openstack-images-v2.0-json-patch", "text/plain", "multipart/form-data; boundary=x", "application/xml", "²",
)  # fmt: skip
METHODS: Sequence[str] = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get")

#: What Neutron serves at one route.
COLLECTIONS: Sequence[str] = (
    "networks", "subnets", "ports", "routers", "floatingips", "security-groups", "security-group-rules", "subnetpools",
    "address-scopes", "rbac-policies",
)  # fmt: skip
#: Bodies by a word of the path at whose end they make sense. ``$NAME`` stands for an id of that kind, and
#: ``$self`` for the last value in the path.
BODIES: Mapping[str, Sequence[Any]] = {
    "tokens": [
        {"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": "doctor", "domain": {"id": "default"}, "password": "x"}}},
            "scope": {"project": {"id": "$project"}}}},
        {"auth": {"identity": {"methods": ["token"], "token": {"id": "$token"}}, "scope": {"system": {"all": True}}}},
    ],
    "servers": [{"server": {"name": "s", "flavorRef": "$flavor", "imageRef": "$image", "networks": "none",
                            "min_count": 1, "max_count": 2, "metadata": {"a": "b"}}},
                {"server": {"name": "s", "flavorRef": "$flavor", "imageRef": "$image",
                            "networks": [{"uuid": "$network"}]}, "os:scheduler_hints": {"group": "$server_group"}}],
    "action": [{"os-start": None}, {"os-stop": None}, {"reboot": {"type": "HARD"}}, {"migrate": None}, {"lock": None},
               {"os-migrateLive": {"host": "compute-1", "block_migration": "auto"}}, {"confirmResize": None},
               {"resize": {"flavorRef": "$flavor"}}, {"rebuild": {"imageRef": "$image"}}, {"pause": None},
               {"evacuate": {"host": "compute-2"}}, {"createImage": {"name": "i"}}, {"os-resetState": {"state": "error"}},
               {"createBackup": {"name": "b", "backup_type": "daily", "rotation": 1}}, {"shelve": None}, {"suspend": None},
               {"os-getConsoleOutput": {"length": 5}}, {"addSecurityGroup": {"name": "default"}}, {"rescue": None},
               {"add_host": {"host": "compute-1"}}, {"addTenantAccess": {"tenant": "$project"}}],
    "flavors": [{"flavor": {"name": "f", "ram": 1, "vcpus": 1, "disk": 1, "rxtx_factor": 1.0, "swap": 0}}],
    "os-aggregates": [{"aggregate": {"name": "a", "availability_zone": "z"}}],
    "os-server-groups": [{"server_group": {"name": "g", "policy": "anti-affinity", "rules": {"max_server_per_host": 2}}},
                         {"server_group": {"name": "g", "policies": ["anti-affinity"]}}],
    "os-keypairs": [{"keypair": {"name": "k", "public_key": "ssh-rsa AAAA"}}],
    "os-services": [{"status": "disabled", "disabled_reason": "r", "forced_down": True}],
    "os-quota-sets": [{"quota_set": {"instances": 5, "cores": "7", "force": True}}],
    "networks": [{"network": {"name": "n", "mtu": 1500, "shared": False}}],
    "subnets": [{"subnet": {"network_id": "$network", "cidr": "10.9.0.0/24", "ip_version": 4,
                            "allocation_pools": [{"start": "10.9.0.5", "end": "10.9.0.9"}], "dns_nameservers": ["1.1.1.1"],
                            "host_routes": [{"destination": "10.0.0.0/8", "nexthop": "10.9.0.1"}]}}],
    "subnetpools": [{"subnetpool": {"name": "p", "prefixes": ["10.0.0.0/8"], "default_prefixlen": 24}}],
    "ports": [{"port": {"network_id": "$network", "fixed_ips": [{"ip_address": "10.9.0.7"}],
                        "allowed_address_pairs": [{"ip_address": "10.0.0.0/8"}], "security_groups": ["$security_group"]}}],
    "routers": [{"router": {"name": "r", "external_gateway_info": {"network_id": "$network"}}}],
    "floatingips": [{"floatingip": {"floating_network_id": "$network", "port_id": "$port"}}],
    "security-groups": [{"security_group": {"name": "sg"}}],
    "security-group-rules": [{"security_group_rule": {"security_group_id": "$security_group", "direction": "ingress",
                              "protocol": "tcp", "port_range_min": 1, "port_range_max": 5, "ethertype": "IPv4"}}],
    "images": [{"name": "i", "disk_format": "raw", "container_format": "bare", "min_ram": 1, "tags": ["t"]}],
    "alarms": [{"name": "a", "type": "event", "event_rule": {"event_type": "x", "query": [
                {"field": "traits.a", "op": "eq", "value": "1", "type": "integer"}]}, "alarm_actions": ["http://a/"],
                "time_constraints": [{"name": "c", "start": "0 0 * * *", "duration": 60, "timezone": "UTC"}]},
               {"name": "b", "type": "composite", "composite_rule": {"or": [
                   {"type": "gnocchi_resources_threshold", "metric": "m", "threshold": 1, "resource_id": "r",
                    "aggregation_method": "mean", "resource_type": "instance"}]}}],
    "query": [{"filter": '{"and": [{"=": {"name": "a"}}, {">": {"timestamp": "2030-01-01T00:00:00"}}]}',
               "orderby": '[{"name": "asc"}]', "limit": 5}],
    "notifications": [{"event_type": "maintenance.scheduled", "payload": {"project_id": "$project", "state": "x"},
                       "publisher_id": "p"}],
    "users": [{"user": {"name": "u", "password": "p", "domain_id": "default", "enabled": True}}],
    "projects": [{"project": {"name": "p", "domain_id": "default", "parent_id": "$project", "tags": ["t"]}}],
    "roles": [{"role": {"name": "r"}}],
    "credentials": [{"credential": {"type": "ec2", "blob": '{"access": "a", "secret": "b"}', "project_id": "$project"}}],
    "application_credentials": [{"application_credential": {"name": "c", "expires_at": "2031-01-01T00:00:00Z",
                                 "access_rules": [{"path": "/v3", "method": "GET", "service": "identity"}]}}],
    "trusts": [{"trust": {"trustee_user_id": "$user", "trustor_user_id": "$user", "impersonation": True,
                          "expires_at": "2031-01-01T00:00:00Z", "remaining_uses": 3, "roles": [{"name": "member"}]}}],
    "maintenance": [{"hosts": ["compute-1", "compute-2", "compute-3"], "state": "MAINTENANCE",
                     "maintenance_at": "2030-01-02 00:00:00", "metadata": {"a": "b"}, "workflow": "vnf",
                     "actions": [{"plugin": "dummy", "type": "host", "metadata": {}}]},
                    {"state": "ACK_MAINTENANCE", "instance_actions": {"$server": "MIGRATE"},
                     "session_id": "$session", "reply_at": "2030-01-01 00:00:00"},
                    {"state": "NACK_SCALE_IN"}, {"state": "ACK_PREPARE_MAINTENANCE", "instance_ids": ["$server"]},
                    {"reason_data": {"event": {"event_type": "maintenance.scheduled", "message_id": "m",
                     "generated": "2030-01-01T00:00:00", "traits": [
                         ["state", 1, "MAINTENANCE"], ["project_id", 1, "$project"], ["session_id", 1, "$session"],
                         ["reply_at", 4, "2030-01-01T01:00:00"], ["actions_at", 4, "2030-01-02T00:00:00"],
                         ["instance_ids", 1, "['$server']"], ["allowed_actions", 1, "['MIGRATE']"],
                         ["metadata", 1, "{'a': 'b'}"], ["reply_url", 1, "http://a/"]]}}}],
    "instance": [{"instance_id": "$self", "project_id": "$project", "group_id": "g", "instance_name": "n",
                  "max_interruption_time": 120, "migration_type": "LIVE_MIGRATE", "resource_mitigation": True,
                  "lead_time": 10}],
    "instance_group": [{"group_id": "$self", "project_id": "$project", "group_name": "n", "anti_affinity_group": True,
                        "max_instances_per_host": 2, "max_impacted_members": 1, "recovery_time": 5,
                        "resource_mitigation": True}],
    "metadata": [{"metadata": {"a": "b"}}, {"meta": {"a": "b"}}],
    "tags": [{"tags": ["a", "b"]}, {"tags": [{"name": "a"}]}],
    "members": [{"member": "$project"}, {"status": "accepted"}],
    "os-interface": [{"interfaceAttachment": {"net_id": "$network", "fixed_ips": [{"ip_address": "10.0.0.9"}]}},
                     {"interfaceAttachment": {"port_id": "$port"}}],
    "add_router_interface": [{"subnet_id": "$subnet"}, {"port_id": "$port"}],
    "remove_router_interface": [{"subnet_id": "$subnet"}],
    "add_extraroutes": [{"router": {"routes": [{"destination": "10.3.0.0/24", "nexthop": "10.0.0.9"}]}}],
    "os-extra_specs": [{"extra_specs": {"hw:cpu_policy": "shared"}}],
    "os-server-external-events": [{"events": [{"name": "network-changed", "server_uuid": "$server", "tag": "$port"}]}],
    "namespaces": [{"namespace": "n", "visibility": "public", "protected": False}],
    "objects": [{"name": "o", "properties": {"p": {"type": "string", "title": "p"}}}],
    "properties": [{"name": "p", "type": "string", "title": "p"}],
    "resource_types": [{"name": "OS::Nova::Server", "prefix": "p_"}],
    "address-scopes": [{"address_scope": {"name": "s", "ip_version": 4}}],
    "rbac-policies": [{"rbac_policy": {"object_type": "network", "object_id": "$network", "action": "access_as_shared",
                                       "target_tenant": "*"}}],
    "quotas": [{"quota": {"network": 5}}, {"project_id": "$project", "quotas": [{"resource": "alarms", "limit": 5}]}],
    "services": [{"service": {"type": "t", "name": "n"}}],
    "endpoints": [{"endpoint": {"service_id": "$service", "interface": "public", "url": "http://a/", "region": "$region"}}],
    "regions": [{"region": {"id": "r", "parent_region_id": "RegionOne"}}],
    "domains": [{"domain": {"name": "d", "enabled": False}}],
    "groups": [{"group": {"name": "g", "domain_id": "default"}}],
    "config": [{"config": {"ldap": {"url": "x"}, "identity": {"driver": "ldap"}}}],
    "policies": [{"policy": {"blob": "{}", "type": "application/json"}}],
    "consumers": [{"consumer": {"description": "c"}}],
    "endpoint_groups": [{"endpoint_group": {"name": "e", "filters": {"interface": "public"}}}],
    "registered_limits": [{"registered_limits": [{"service_id": "$service", "resource_name": "r", "default_limit": 5}]}],
    "limits": [{"limits": [{"service_id": "$service", "resource_name": "r", "resource_limit": 5, "project_id": "$project"}]}],
    "state": ["alarm", "ok", "x"],
    "import": [{"method": {"name": "glance-direct"}}],
    "password": [{"user": {"password": "a", "original_password": "secret"}}],
    "events": [[{"time": "2030-01-01T00:00:00", "type": "compute.host.down",
                 "details": {"hostname": "compute-1", "status": "down", "monitor": "m", "monitor_event_id": "1"}}]],
}  # fmt: skip


def odd_text(rng: random.Random) -> str:
    """Return an odd text."""
    return rng.choice(TEXTS)


def odd_value(rng: random.Random) -> Any:
    """Return an odd JSON value."""
    return rng.choice(TEXTS) if rng.random() < 0.6 else copy.deepcopy(rng.choice(VALUES))
