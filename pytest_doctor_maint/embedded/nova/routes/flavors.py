"""``/flavors``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.flavors import Flavor
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import (
    ANY_STRING,
    BOOLEAN,
    MAX_INT,
    NAME,
    PAGING,
    enum,
    integer,
    many,
    query,
    section,
)
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.embedded.nova.values import FALSE, TRUE, boolean
from pytest_doctor_maint.simtime.http import Answer, route

_POSITIVE, _AMOUNT = integer(1, MAX_INT), integer(0, MAX_INT)
_DESCRIPTION = {"type": ["string", "null"], "format": "printable", "maxLength": 65535}
_FLAVOR = {
    "name": NAME,
    "id": {
        "type": ["string", "number", "null"],
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^(?! )[a-zA-Z0-9. _-]+(?<! )$",
    },
    "ram": _POSITIVE,
    "vcpus": _POSITIVE,
    "disk": _AMOUNT,
    "OS-FLV-EXT-DATA:ephemeral": _AMOUNT,
    "swap": _AMOUNT,
    "rxtx_factor": {
        "type": ["number", "string"],
        "pattern": r"^[0-9]+(\.[0-9]+)?$",
        "exclusiveMinimum": 0,
        "maximum": 3.40282e38,
    },
    "os-flavor-access:is_public": BOOLEAN,
}
_REQUIRED = ["name", "ram", "vcpus", "disk"]
CREATE = Schemas(
    section("flavor", _FLAVOR, _REQUIRED),
    {(2, 55): section("flavor", {**_FLAVOR, "description": _DESCRIPTION}, _REQUIRED)},
)
UPDATE = Schemas(section("flavor", {"description": _DESCRIPTION}, ["description"]))

#: What a listing can be sorted by, and the attribute behind each key; all flavors have the same value of the others.
SORT_KEYS = {
    "created_at": None,
    "description": "description",
    "disabled": None,
    "ephemeral_gb": "ephemeral",
    "flavorid": "id",
    "id": "id",
    "is_public": "is_public",
    "memory_mb": "ram",
    "name": "name",
    "root_gb": "disk",
    "rxtx_factor": "rxtx_factor",
    "swap": "swap",
    "updated_at": None,
    "vcpu_weight": None,
    "vcpus": "vcpus",
}
_LIST = {
    **PAGING,
    **dict.fromkeys(("is_public", "minRam", "minDisk"), many(ANY_STRING)),
    "sort_key": many(enum(*SORT_KEYS)),
    "sort_dir": many(enum("asc", "desc")),
}
LIST = Schemas(query(_LIST), {(2, 75): query(_LIST, closed=True)})

MAX_LIMIT = 1000


class FlavorRoutes(NovaService):
    """``/flavors``."""

    @route("GET", "/v2.1/flavors", role="")
    def list_flavors(self, request: NovaRequest) -> Answer:
        flavors, links = self._flavors_listed(request, "flavors")
        return {"flavors": [self._flavor_brief(request, flavor) for flavor in flavors], **links}

    @route("GET", "/v2.1/flavors/detail", role="")
    def list_flavors_in_detail(self, request: NovaRequest) -> Answer:
        flavors, links = self._flavors_listed(request, "flavors/detail")
        return {"flavors": [self._flavor_view(request, flavor) for flavor in flavors], **links}

    @route("POST", "/v2.1/flavors", admin=True)
    def create_flavor(self, request: NovaRequest) -> Answer:
        fields = request.valid_body(CREATE)["flavor"]
        flavor_id = fields.get("id")
        flavor = self.nova.flavors.create(
            fields["name"].strip(),
            ram=int(fields["ram"]),
            vcpus=int(fields["vcpus"]),
            disk=int(fields["disk"]),
            flavor_id=None if flavor_id is None else str(flavor_id),
            ephemeral=int(fields.get("OS-FLV-EXT-DATA:ephemeral", 0)),
            swap=int(fields.get("swap", 0)),
            rxtx_factor=float(fields.get("rxtx_factor", 1.0)),
            is_public=boolean(fields.get("os-flavor-access:is_public", True)),
            description=fields.get("description"),
        )
        return {"flavor": self._flavor_view(request, flavor)}

    @route("GET", "/v2.1/flavors/<flavor_id>", role="")
    def show_flavor(self, request: NovaRequest, flavor_id: str) -> Answer:
        return {"flavor": self._flavor_view(request, self.nova.flavors.find(flavor_id, request.caller))}

    @route("PUT", "/v2.1/flavors/<flavor_id>", admin=True, min=(2, 55))
    def update_flavor(self, request: NovaRequest, flavor_id: str) -> Answer:
        fields = request.valid_body(UPDATE)["flavor"]
        flavor = self.nova.flavors.find(flavor_id, request.caller)
        flavor.description = fields["description"]
        return {"flavor": self._flavor_view(request, flavor)}

    @route("DELETE", "/v2.1/flavors/<flavor_id>", admin=True)
    def delete_flavor(self, request: NovaRequest, flavor_id: str) -> Answer:
        self.nova.flavors.delete(self.nova.flavors.find(flavor_id, request.caller))
        return 202, None

    # -- listing and showing -----------------------------------------------------------------------------------------

    def _flavors_listed(self, request: NovaRequest, path: str) -> tuple[list[Flavor], dict[str, Any]]:
        """Return a page of flavors, and the link to the next page."""
        args = request.valid_query(LIST)
        flavors = self._visible(request)
        for name, least in (("minRam", "ram"), ("minDisk", "disk")):
            if name in args:
                if not args[name].isdecimal():
                    raise Invalid(f"Invalid {name} filter [{args[name]}]")
                flavors = [flavor for flavor in flavors if getattr(flavor, least) >= int(args[name])]
        if attribute := SORT_KEYS[args.get("sort_key", "flavorid")]:
            flavors.sort(key=_sort_key(attribute), reverse=args.get("sort_dir") == "desc")
        if marker := args.get("marker"):
            ids = [flavor.id for flavor in flavors]
            if marker not in ids:
                raise Invalid(f"marker [{marker}] not found")
            flavors = flavors[ids.index(marker) + 1 :]
        size = min(int(args.get("limit", 0)) or MAX_LIMIT, MAX_LIMIT)
        page = flavors[:size]
        if len(page) == len(flavors):
            return page, {}
        rest = "".join(f"{key}={args[key]}&" for key in args if key not in ("marker", "limit"))
        href = f"{self.base_url(request)}/{path}?{rest}limit={size}&marker={page[-1].id}"
        return page, {"flavors_links": [{"rel": "next", "href": href}]}

    def _visible(self, request: NovaRequest) -> list[Flavor]:
        """Return the flavors that a listing may show, sorted by id."""
        flavors, caller = list(self.nova.flavors), request.caller
        word = request.args.get("is_public", "true").lower() if caller.is_admin else "true"
        if word not in ("none", *TRUE, *FALSE):
            raise Invalid(f"Invalid is_public filter [{request.args['is_public']}]")
        if word == "none":
            return flavors
        if word in TRUE:
            return [flavor for flavor in flavors if flavor.visible_to(caller.project_id)]
        return [flavor for flavor in flavors if not flavor.is_public]

    def _flavor_brief(self, request: NovaRequest, flavor: Flavor) -> dict[str, Any]:
        links = self.links(request, f"flavors/{flavor.id}")
        shown: dict[str, Any] = {"id": flavor.id, "name": flavor.name, "links": links}
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


def _sort_key(attribute: str) -> Callable[[Flavor], tuple[bool, Any]]:
    """Return a sort key in which None comes before all other values."""
    return lambda flavor: (getattr(flavor, attribute) is not None, getattr(flavor, attribute))
