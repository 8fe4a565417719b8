"""Filters and order of the listing of images: the query parameters of GET /v2/images."""

from __future__ import annotations

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from werkzeug.datastructures import MultiDict

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.glance.errors import Invalid
from pytest_doctor_maint.embedded.glance.models import MEMBER_STATUSES, VISIBILITIES, Image
from pytest_doctor_maint.simtime.moments import parse_moment
from pytest_doctor_maint.simtime.numbers import natural

SORT_KEYS = (
    "name",
    "status",
    "container_format",
    "disk_format",
    "size",
    "id",
    "created_at",
    "updated_at",
    "owner",
    "protected",
    "visibility",
    "min_disk",
    "min_ram",
)
#: The parameters that are not filters by a field or property of the same name.
OTHERS = ("limit", "marker", "sort", "sort_key", "sort_dir", "visibility", "member_status", "tag", "changes-since")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"eq": eq, "neq": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}
SEVERAL = ("id", "name", "status", "container_format", "disk_format")
Filter = Callable[[Image], bool]


def listed(images: list[Image], caller: Caller, args: MultiDict[str, str]) -> list[Image]:
    """Return the images of a listing, before paging.

    Raises:
        Invalid: A parameter has a wrong value.
    """
    visibility = args.get("visibility")
    if visibility is not None and visibility not in (*VISIBILITIES, "all"):
        raise Invalid(f"Invalid visibility value: {visibility}")
    member_status = args.get("member_status", "accepted")
    if member_status not in (*MEMBER_STATUSES, "all"):
        raise Invalid(f"Invalid status: {member_status}")
    filters = [_filter(name, value) for name, value in args.items(multi=True) if name not in OTHERS]
    if "os_hidden" not in args:
        filters.append(lambda image: not image.os_hidden)
    tags = args.getlist("tag")
    found = [
        image
        for image in images
        if image.listed_for(caller, visibility, member_status)
        and all(tag in image.tags for tag in tags)
        and all(passes(image) for passes in filters)
    ]
    # The least significant key first: sorting is stable.
    for key, descending in reversed(_order(args)):
        found.sort(key=lambda image: _sortable(getattr(image, key)), reverse=descending)
    return found


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else "")


def _order(args: MultiDict[str, str]) -> list[tuple[str, bool]]:
    """Return the sort keys, each with True if its direction is descending."""
    if "sort" in args:
        if "sort_key" in args or "sort_dir" in args:
            raise Invalid("Old and new sorting syntax cannot be combined")
        pairs = [part.strip().partition(":")[::2] for part in args["sort"].split(",")]
        keys, directions = [key for key, _ in pairs], [direction or "desc" for _, direction in pairs]
    else:
        keys, directions = args.getlist("sort_key") or ["created_at"], args.getlist("sort_dir") or ["desc"]
        if len(directions) == 1:
            directions *= len(keys)
        if len(directions) != len(keys):
            raise Invalid("Number of sort dirs does not match the number of sort keys")
    for key in keys:
        if key not in SORT_KEYS:
            raise Invalid(f"Invalid sort key: {key}. It must be one of {', '.join(SORT_KEYS)}.")
    for direction in directions:
        if direction not in ("asc", "desc"):
            raise Invalid(f"Invalid sort direction: {direction}. It must be asc or desc.")
    order = [(key, direction == "desc") for key, direction in zip(keys, directions, strict=True)]
    # Images that are equal in all keys need an order, too, or pages would overlap.
    return order + [(key, True) for key in ("created_at", "id") if key not in keys]


def _filter(name: str, value: str) -> Filter:
    """Return the filter of the parameter ``name=value``."""
    if name in ("size_min", "size_max"):
        bound = _number(name, value)
        if name == "size_min":
            return lambda image: image.size is not None and image.size >= bound
        return lambda image: image.size is not None and image.size <= bound
    if name in ("size", "min_disk", "min_ram"):
        number = _number(name, value)
        return lambda image: bool(getattr(image, name) == number)
    if name in ("protected", "os_hidden"):
        if value.lower() not in ("true", "false"):
            raise Invalid(f"Invalid value '{value}' for '{name}' filter. Valid values are 'true' or 'false'.")
        wanted = value.lower() == "true"
        return lambda image: bool(getattr(image, name) == wanted)
    if name in ("created_at", "updated_at"):
        return _time_filter(name, value)
    if name in SEVERAL and value.startswith("in:"):
        values = [part.strip().strip('"') for part in value[3:].split(",")]
        return lambda image: getattr(image, name) in values
    if name in (*SEVERAL, "owner", "checksum", "os_hash_value"):
        return lambda image: bool(getattr(image, name) == value)
    return lambda image: image.properties.get(name) == value


def _number(name: str, value: str) -> int:
    number = natural(value)
    if number is None:
        raise Invalid(f"Invalid value {value!r} for {name}: it must be an integer from 0")
    return number


def _time_filter(name: str, value: str) -> Filter:
    operator, colon, text = value.partition(":")
    if not colon or operator not in COMPARISONS:
        operator, text = "eq", value
    try:
        moment = parse_moment(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid(f"Invalid time {text!r} for {name}: it must be ISO 8601") from error
    compare = COMPARISONS[operator]
    # The API shows whole seconds, which clients compare with.
    return lambda image: compare(getattr(image, name).replace(microsecond=0), moment)
