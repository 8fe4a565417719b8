"""Documents that Keystone keeps and does not use: policies, OAuth consumers, endpoint groups, domain configurations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone import schemas, views
from pytest_doctor_maint.embedded.keystone.base import IdentityRequest, IdentityService
from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Invalid, Missing
from pytest_doctor_maint.embedded.keystone.records import Document
from pytest_doctor_maint.simtime.http import Answer, route

_POLICY = {"blob": schemas.TEXT, "type": schemas.text(maxLength=255)}
NEW_POLICY = schemas.Resource("policy", _POLICY, required=("blob", "type"))
POLICY = schemas.Resource("policy", _POLICY)
CONSUMER = schemas.Resource("consumer", {"description": schemas.DESCRIPTION})
_ENDPOINT_GROUP = {"name": schemas.NAME, "description": schemas.DESCRIPTION, "filters": schemas.OBJECT}
_NON_EMPTY = {"type": "object", "minProperties": 1}
NEW_ENDPOINT_GROUP = schemas.Resource(
    "endpoint_group", {**_ENDPOINT_GROUP, "filters": _NON_EMPTY}, required=("name", "filters")
)
ENDPOINT_GROUP = schemas.Resource("endpoint_group", _ENDPOINT_GROUP)
OPTIONS = schemas.Body("config", _NON_EMPTY)
CONFIG = schemas.Body("config", {**_NON_EMPTY, "additionalProperties": _NON_EMPTY})
DOMAIN_OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "identity": {"driver": "sql", "list_limit": None},
    "ldap": {
        "url": "ldap://localhost",
        "user": None,
        "suffix": "cn=example,cn=com",
        "user_tree_dn": None,
        "user_objectclass": "inetOrgPerson",
        "group_tree_dn": None,
        "group_objectclass": "groupOfNames",
    },
}
"""The options that domains may configure, by group, with their defaults (some of Keystone's)."""
_OPTION_PATHS = "/v3/domains/<domain_id>/config"


class DocumentRoutes(IdentityService):
    """Policies, consumers, endpoint groups and domain configurations."""

    def _keep(self, kind: str, values: dict[str, Any]) -> Document:
        document = Document(self.core.ids.hex(kind), {**values.pop("extra", {}), **values})
        self.keystone.documents[kind][document.id] = document
        return document

    def _document(self, kind: str, key: str) -> Document:
        try:
            return self.keystone.documents[kind][key]
        except KeyError:
            raise Missing(kind.replace("_", " "), key) from None

    def _change(self, kind: str, key: str, values: dict[str, Any]) -> Document:
        document = self._document(kind, key)
        document.values.update({**values.pop("extra", {}), **values})
        return document

    def _documents(self, request: IdentityRequest, kind: str, collection: str, member: str, *filters: str) -> Answer:
        self.must_read(request)
        kept = self.keystone.documents[kind].values()
        return self.listing(
            request, member, [views.document(each, collection, request.root) for each in kept], *filters
        )

    # Policies

    @route("POST", "/v3/policies", admin=True)
    def create_policy(self, request: IdentityRequest) -> Answer:
        """Create a policy."""
        values = NEW_POLICY.read(request.json_object())
        return 201, {"policy": views.document(self._keep("policy", values), "policies", request.root)}

    @route("GET", "/v3/policies")
    def list_policies(self, request: IdentityRequest) -> Answer:
        """List the policies."""
        return self._documents(request, "policy", "policies", "policies", "type")

    @route("GET", "/v3/policies/<policy_id>")
    def show_policy(self, request: IdentityRequest, policy_id: str) -> Answer:
        """Show a policy."""
        self.must_read(request)
        return {"policy": views.document(self._document("policy", policy_id), "policies", request.root)}

    @route("PATCH", "/v3/policies/<policy_id>", admin=True)
    def update_policy(self, request: IdentityRequest, policy_id: str) -> Answer:
        """Update a policy."""
        values = POLICY.read(request.json_object(), key=policy_id)
        return {"policy": views.document(self._change("policy", policy_id, values), "policies", request.root)}

    @route("DELETE", "/v3/policies/<policy_id>", admin=True)
    def delete_policy(self, request: IdentityRequest, policy_id: str) -> Answer:
        """Delete a policy."""
        del self.keystone.documents["policy"][self._document("policy", policy_id).id]
        return None

    # OAuth consumers. No tokens are issued to them.

    @route("POST", "/v3/OS-OAUTH1/consumers", admin=True)
    def create_consumer(self, request: IdentityRequest) -> Answer:
        """Create an OAuth consumer."""
        values = CONSUMER.read(request.json_object())
        document = self._keep("consumer", {"description": None, **values})
        # The secret is shown this once and not kept, because nothing uses it.
        secret = {"secret": self.core.ids.hex("consumer secret")}
        return 201, {"consumer": {**views.document(document, "OS-OAUTH1/consumers", request.root), **secret}}

    @route("GET", "/v3/OS-OAUTH1/consumers")
    def list_consumers(self, request: IdentityRequest) -> Answer:
        """List the OAuth consumers."""
        return self._documents(request, "consumer", "OS-OAUTH1/consumers", "consumers")

    @route("GET", "/v3/OS-OAUTH1/consumers/<consumer_id>")
    def show_consumer(self, request: IdentityRequest, consumer_id: str) -> Answer:
        """Show an OAuth consumer."""
        self.must_read(request)
        document = self._document("consumer", consumer_id)
        return {"consumer": views.document(document, "OS-OAUTH1/consumers", request.root)}

    @route("PATCH", "/v3/OS-OAUTH1/consumers/<consumer_id>", admin=True)
    def update_consumer(self, request: IdentityRequest, consumer_id: str) -> Answer:
        """Update an OAuth consumer."""
        values = CONSUMER.read(request.json_object(), key=consumer_id)
        if "secret" in values.get("extra", {}):
            raise Invalid("Cannot change consumer secret.")
        document = self._change("consumer", consumer_id, values)
        return {"consumer": views.document(document, "OS-OAUTH1/consumers", request.root)}

    @route("DELETE", "/v3/OS-OAUTH1/consumers/<consumer_id>", admin=True)
    def delete_consumer(self, request: IdentityRequest, consumer_id: str) -> Answer:
        """Delete an OAuth consumer."""
        del self.keystone.documents["consumer"][self._document("consumer", consumer_id).id]
        return None

    # Endpoint groups

    @route("POST", "/v3/OS-EP-FILTER/endpoint_groups", admin=True)
    def create_endpoint_group(self, request: IdentityRequest) -> Answer:
        """Create an endpoint group."""
        values = NEW_ENDPOINT_GROUP.read(request.json_object())
        document = self._keep("endpoint_group", {"description": None, **_with_known_filters(values)})
        return 201, {"endpoint_group": views.document(document, "OS-EP-FILTER/endpoint_groups", request.root)}

    @route("GET", "/v3/OS-EP-FILTER/endpoint_groups")
    def list_endpoint_groups(self, request: IdentityRequest) -> Answer:
        """List the endpoint groups."""
        return self._documents(request, "endpoint_group", "OS-EP-FILTER/endpoint_groups", "endpoint_groups", "name")

    @route("GET", "/v3/OS-EP-FILTER/endpoint_groups/<group_id>")
    def show_endpoint_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """Show an endpoint group."""
        self.must_read(request)
        document = self._document("endpoint_group", group_id)
        return {"endpoint_group": views.document(document, "OS-EP-FILTER/endpoint_groups", request.root)}

    @route("PATCH", "/v3/OS-EP-FILTER/endpoint_groups/<group_id>", admin=True)
    def update_endpoint_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """Update an endpoint group."""
        values = ENDPOINT_GROUP.read(request.json_object(), key=group_id)
        document = self._change("endpoint_group", group_id, _with_known_filters(values))
        return {"endpoint_group": views.document(document, "OS-EP-FILTER/endpoint_groups", request.root)}

    @route("DELETE", "/v3/OS-EP-FILTER/endpoint_groups/<group_id>", admin=True)
    def delete_endpoint_group(self, request: IdentityRequest, group_id: str) -> Answer:
        """Delete an endpoint group."""
        del self.keystone.documents["endpoint_group"][self._document("endpoint_group", group_id).id]
        return None

    # Configurations of domains

    @route("GET", "/v3/domains/config/default", admin=True)
    def show_default_config(self, request: IdentityRequest) -> Answer:
        """Show the defaults of all options that domains may configure."""
        return {"config": {group: dict(options) for group, options in DOMAIN_OPTIONS.items()}}

    @route("GET", "/v3/domains/config/<group>/default", admin=True)
    def show_default_group(self, request: IdentityRequest, group: str) -> Answer:
        """Show the defaults of a group of options."""
        _require_configurable(group)
        return {"config": {group: dict(DOMAIN_OPTIONS[group])}}

    @route("GET", "/v3/domains/config/<group>/<option>/default", admin=True)
    def show_default_option(self, request: IdentityRequest, group: str, option: str) -> Answer:
        """Show the default of an option."""
        _require_configurable(group, option)
        return {"config": {option: DOMAIN_OPTIONS[group][option]}}

    @route("PUT", _OPTION_PATHS, admin=True)
    def create_domain_config(self, request: IdentityRequest, domain_id: str) -> Answer:
        """Set the configuration of a domain."""
        self.keystone.directory.domain(domain_id)
        config: dict[str, dict[str, Any]] = CONFIG.read(request.json_object())
        for group, options in config.items():
            _require_configurable(group, *options)
        status = 200 if domain_id in self.keystone.domain_configs else 201
        self.keystone.domain_configs[domain_id] = config
        return status, {"config": config}

    @route("GET", _OPTION_PATHS, admin=True)
    @route("GET", f"{_OPTION_PATHS}/<group>", admin=True)
    @route("GET", f"{_OPTION_PATHS}/<group>/<option>", admin=True)
    def show_domain_config(self, request: IdentityRequest, domain_id: str, group: str = "", option: str = "") -> Answer:
        """Show the configuration of a domain, or a part of it."""
        config = self._domain_config(domain_id, group, option)
        if option:
            return {"config": {option: config[group][option]}}
        return {"config": {group: config[group]} if group else config}

    @route("PATCH", _OPTION_PATHS, admin=True)
    @route("PATCH", f"{_OPTION_PATHS}/<group>", admin=True)
    @route("PATCH", f"{_OPTION_PATHS}/<group>/<option>", admin=True)
    def update_domain_config(
        self, request: IdentityRequest, domain_id: str, group: str = "", option: str = ""
    ) -> Answer:
        """Update the configuration of a domain, or a part of it."""
        _require_configurable(*(name for name in (group, option) if name))
        kept = self._domain_config(domain_id, group, option)
        found: dict[str, Any] = (OPTIONS if option else CONFIG).read(request.json_object())
        changes: dict[str, dict[str, Any]] = {group: found} if option else found
        if group and list(changes) != [group]:
            raise Forbidden(f"The configuration must be that of the group {group}.")
        if option and list(found) != [option]:
            raise Forbidden(f"The configuration must be that of the option {option}.")
        for name, options in changes.items():
            _require_configurable(name, *options)
        for name, options in changes.items():
            kept[name] = {**kept.get(name, {}), **options}
        return {"config": kept}

    @route("DELETE", _OPTION_PATHS, admin=True)
    @route("DELETE", f"{_OPTION_PATHS}/<group>", admin=True)
    @route("DELETE", f"{_OPTION_PATHS}/<group>/<option>", admin=True)
    def delete_domain_config(
        self, request: IdentityRequest, domain_id: str, group: str = "", option: str = ""
    ) -> Answer:
        """Delete the configuration of a domain, or a part of it."""
        config = self._domain_config(domain_id, group, option)
        if option:
            del config[group][option]
        elif group:
            del config[group]
        else:
            del self.keystone.domain_configs[domain_id]
        return None

    def _domain_config(self, domain_id: str, group: str, option: str) -> dict[str, dict[str, Any]]:
        self.keystone.directory.domain(domain_id)
        config = self.keystone.domain_configs.get(domain_id)
        if config is None or (group and group not in config) or (option and option not in config[group]):
            place = "/".join(part for part in (domain_id, group, option) if part)
            raise Missing("domain configuration", place)
        return config


def _with_known_filters(values: dict[str, Any]) -> dict[str, Any]:
    for name in values.get("filters", {}):
        if name not in ("service_id", "region_id", "interface"):
            raise Invalid(f"An endpoint group cannot filter by {name!r}.")
    return values


def _require_configurable(group: str = "identity", *options: str) -> None:
    """Check that domains may configure these options.

    Raises:
        Forbidden: They may not.
    """
    for option in options or ("",):
        if group not in DOMAIN_OPTIONS or (option and option not in DOMAIN_OPTIONS[group]):
            raise Forbidden(f"The option {option or '(any)'} of the group {group} cannot be set for a domain.")
