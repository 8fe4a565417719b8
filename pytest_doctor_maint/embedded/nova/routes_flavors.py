"""Nova's flavors, their extra specs and who may use them."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova import body as read
from pytest_doctor_maint.embedded.nova.errors import Conflict, Invalid, Missing
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.versions import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

#: What a listing can be sorted by, and the field behind each key.
SORT_KEYS = {
    "flavorid": "id",
    "id": "id",
    "name": "name",
    "memory_mb": "ram",
    "vcpus": "vcpus",
    "root_gb": "disk",
    "ephemeral_gb": "ephemeral",
    "swap": "swap",
    "rxtx_factor": "rxtx_factor",
    "is_public": "is_public",
    "disabled": "",
    "created_at": "",
    "updated_at": "",
    "vcpu_weight": "",
}
MAX_LIMIT = 1000
DESCRIPTION = read.text(0, 65535, optional=True)
FIELDS = {
    "name": read.trimmed,
    "id": lambda name, value: _flavor_id(name, value),
    "ram": read.number(1),
    "vcpus": read.number(1),
    "disk": read.number(0),
    "OS-FLV-EXT-DATA:ephemeral": read.number(0),
    "swap": lambda name, value: 0 if value in ("", None) else read.number(0)(name, value),
    "rxtx_factor": read.decimal,
    "os-flavor-access:is_public": read.boolean,
}
SPECS = read.pairs(numbers=True)


def _flavor_id(name: str, value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    found: str | None = read.text(1, 255, optional=True, pattern=r"[a-zA-Z0-9._ -]*[a-zA-Z0-9._-]")(name, value)
    if found is not None and found != found.strip():
        raise Invalid("id cannot contain leading and/or trailing whitespace(s)")
    return found


class FlavorRoutes(NovaService):
    """``/flavors``."""

    @route("GET", "/v2.1/flavors")
    def list_flavors(self, request: NovaRequest) -> Answer:
        flavors, links = self._flavors_listed(request, "flavors")
        return {"flavors": [self._flavor_brief(request, flavor) for flavor in flavors], **links}

    @route("GET", "/v2.1/flavors/detail")
    def list_flavors_in_detail(self, request: NovaRequest) -> Answer:
        flavors, links = self._flavors_listed(request, "flavors/detail")
        return {"flavors": [self._flavor_view(request, flavor) for flavor in flavors], **links}

    @route("POST", "/v2.1/flavors", admin=True)
    def create_flavor(self, request: NovaRequest) -> Answer:
        fields = {**FIELDS, "description": DESCRIPTION} if request.version >= (2, 55) else FIELDS
        values = read.section(request.json_object(), "flavor", fields, ("name", "ram", "vcpus", "disk"))
        flavor = self.nova.flavors.create(
            values["name"],
            ram=values["ram"],
            vcpus=values["vcpus"],
            disk=values["disk"],
            flavor_id=values.get("id"),
            ephemeral=values.get("OS-FLV-EXT-DATA:ephemeral", 0),
            swap=values.get("swap", 0),
            rxtx_factor=values.get("rxtx_factor", 1.0),
            is_public=values.get("os-flavor-access:is_public", True),
            description=values.get("description"),
        )
        return {"flavor": self._flavor_view(request, flavor)}

    @route("GET", "/v2.1/flavors/<flavor_id>")
    def show_flavor(self, request: NovaRequest, flavor_id: str) -> Answer:
        return {"flavor": self._flavor_view(request, self._flavor(request, flavor_id))}

    @route("PUT", "/v2.1/flavors/<flavor_id>", admin=True, min=(2, 55))
    def update_flavor(self, request: NovaRequest, flavor_id: str) -> Answer:
        values = read.section(request.json_object(), "flavor", {"description": DESCRIPTION}, ("description",))
        flavor = self._flavor(request, flavor_id)
        flavor.description = values["description"]
        return {"flavor": self._flavor_view(request, flavor)}

    @route("DELETE", "/v2.1/flavors/<flavor_id>", admin=True)
    def delete_flavor(self, request: NovaRequest, flavor_id: str) -> Answer:
        self.nova.flavors.delete(self._flavor(request, flavor_id))
        return 202, None

    # -- extra specs -------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/flavors/<flavor_id>/os-extra_specs")
    def list_extra_specs(self, request: NovaRequest, flavor_id: str) -> Answer:
        return {"extra_specs": self._flavor(request, flavor_id).extra_specs}

    @route("POST", "/v2.1/flavors/<flavor_id>/os-extra_specs", admin=True)
    def create_extra_specs(self, request: NovaRequest, flavor_id: str) -> Answer:
        specs = read.values(request.json_object(), {"extra_specs": SPECS}, ("extra_specs",))["extra_specs"]
        self._flavor(request, flavor_id).extra_specs.update(specs)
        return {"extra_specs": specs}

    @route("GET", "/v2.1/flavors/<flavor_id>/os-extra_specs/<key>")
    def show_extra_spec(self, request: NovaRequest, flavor_id: str, key: str) -> Answer:
        return {key: self._flavor_specs(request, flavor_id, key)[key]}

    @route("PUT", "/v2.1/flavors/<flavor_id>/os-extra_specs/<key>", admin=True)
    def update_extra_spec(self, request: NovaRequest, flavor_id: str, key: str) -> Answer:
        specs: dict[str, str] = SPECS("extra_specs", request.json_object())
        if list(specs) != [key]:
            raise Invalid(f"Request body and URI mismatch: the body must be {{{key!r}: …}}")
        self._flavor(request, flavor_id).extra_specs.update(specs)
        return specs

    @route("DELETE", "/v2.1/flavors/<flavor_id>/os-extra_specs/<key>", admin=True)
    def delete_extra_spec(self, request: NovaRequest, flavor_id: str, key: str) -> Answer:
        del self._flavor_specs(request, flavor_id, key)[key]
        return 200, None

    def _flavor_specs(self, request: NovaRequest, flavor_id: str, key: str) -> dict[str, str]:
        specs = self._flavor(request, flavor_id).extra_specs
        if key not in specs:
            raise Missing(f"Flavor {flavor_id} has no extra specs with key {key}.")
        return specs

    # -- access ------------------------------------------------------------------------------------------------------

    @route("GET", "/v2.1/flavors/<flavor_id>/os-flavor-access", admin=True)
    def list_access(self, request: NovaRequest, flavor_id: str) -> Answer:
        flavor = self._flavor(request, flavor_id)
        if flavor.is_public:
            raise Missing("Access list not available for public flavors.")
        return self._flavor_access(flavor)

    @route("POST", "/v2.1/flavors/<flavor_id>/action", admin=True)
    def change_access(self, request: NovaRequest, flavor_id: str) -> Answer:
        body = request.json_object()
        action = next(iter(body), "")
        if len(body) != 1 or action not in ("addTenantAccess", "removeTenantAccess"):
            raise Invalid("There is no such action: it must be addTenantAccess or removeTenantAccess")
        project_id = read.section(body, action, {"tenant": read.text()}, ("tenant",))["tenant"]
        flavor = self._flavor(request, flavor_id)
        if action == "removeTenantAccess":
            if project_id not in flavor.access:
                raise Missing(f"Flavor access not found for {flavor_id} / {project_id} combination.")
            flavor.access.remove(project_id)
            return self._flavor_access(flavor)
        if flavor.is_public:
            raise Conflict("Can not add access to a public flavor.")
        if project_id in flavor.access:
            raise Conflict(f"Flavor access already exists for flavor {flavor_id} and project {project_id} combination.")
        flavor.access.append(project_id)
        return self._flavor_access(flavor)

    def _flavor_access(self, flavor: Flavor) -> dict[str, Any]:
        return {"flavor_access": [{"flavor_id": flavor.id, "tenant_id": project_id} for project_id in flavor.access]}

    # -- listing and showing -----------------------------------------------------------------------------------------

    def _flavor(self, request: NovaRequest, flavor_id: str) -> Flavor:
        flavor = self.nova.flavors.get(flavor_id)
        if flavor is None or not (request.caller.is_admin or flavor.visible_to(request.caller.project_id)):
            raise Missing(f"Flavor {flavor_id} could not be found.")
        return flavor

    def _flavors_listed(self, request: NovaRequest, path: str) -> tuple[list[Flavor], dict[str, Any]]:
        """The flavors of a listing and the links to its next page."""
        args = request.args
        wanted: bool | None = True
        if request.caller.is_admin and "is_public" in args:
            word = args["is_public"].lower()
            # In queries Nova takes the words' first letters too.
            yes, no = ("t", "y", *read.TRUE), ("f", "n", *read.FALSE)
            if word not in ("none", *yes, *no):
                raise Invalid(f"Invalid is_public filter [{args['is_public']}]")
            wanted = None if word == "none" else word in yes
        flavors = [
            flavor
            for flavor in self.nova.flavors
            if wanted is None or (flavor.visible_to(request.caller.project_id) if wanted else not flavor.is_public)
        ]
        for key, field in (("minRam", "ram"), ("minDisk", "disk")):
            if key in args:
                if not args[key].isdecimal():
                    raise Invalid(f"Invalid {key} filter [{args[key]}]")
                flavors = [flavor for flavor in flavors if getattr(flavor, field) >= int(args[key])]
        sort_key, sort_dir = args.get("sort_key", "flavorid"), args.get("sort_dir", "asc")
        if sort_key not in SORT_KEYS or sort_dir not in ("asc", "desc"):
            raise Invalid(f"Invalid sort: {sort_key} {sort_dir}")
        if field := SORT_KEYS[sort_key]:
            flavors.sort(key=lambda flavor: getattr(flavor, field), reverse=sort_dir == "desc")
        limit = args.get("limit", str(MAX_LIMIT))
        if not limit.isdecimal():
            raise HttpError(400, "limit param must be an integer from 0")
        if marker := args.get("marker"):
            ids = [flavor.id for flavor in flavors]
            if marker not in ids:
                raise Invalid(f"marker [{marker}] not found")
            flavors = flavors[ids.index(marker) + 1 :]
        size = min(int(limit) or MAX_LIMIT, MAX_LIMIT)
        page = flavors[:size]
        if len(page) == len(flavors):
            return page, {}
        query = "&".join(f"{key}={args[key]}" for key in args if key not in ("marker", "limit"))
        href = f"{self.base_url(request)}/{path}?{query + '&' if query else ''}limit={size}&marker={page[-1].id}"
        return page, {"flavors_links": [{"rel": "next", "href": href}]}

    def _flavor_brief(self, request: NovaRequest, flavor: Flavor) -> dict[str, Any]:
        shown: dict[str, Any] = {"id": flavor.id, "name": flavor.name, "links": self._flavor_links(request, flavor)}
        if request.version >= (2, 55):
            shown["description"] = flavor.description
        return shown

    def _flavor_view(self, request: NovaRequest, flavor: Flavor) -> dict[str, Any]:
        shown = {
            **self._flavor_brief(request, flavor),
            "ram": flavor.ram,
            "disk": flavor.disk,
            "vcpus": flavor.vcpus,
            "swap": flavor.swap if flavor.swap or request.version >= (2, 75) else "",
            "rxtx_factor": flavor.rxtx_factor,
            "OS-FLV-DISABLED:disabled": False,
            "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral,
            "os-flavor-access:is_public": flavor.is_public,
        }
        if request.version >= (2, 61):
            shown["extra_specs"] = flavor.extra_specs
        return shown

    def _flavor_links(self, request: NovaRequest, flavor: Flavor) -> list[dict[str, str]]:
        return [
            {"rel": "self", "href": f"{self.base_url(request)}/flavors/{flavor.id}"},
            {"rel": "bookmark", "href": f"{self.bookmark_url(request)}/flavors/{flavor.id}"},
        ]
