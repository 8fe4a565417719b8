"""Which images a listing shows, and in which order: the query parameters of GET /v2/images."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from werkzeug.datastructures import MultiDict

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.glance.models import MEMBER_STATUSES, VISIBILITIES, Image
from pytest_doctor_maint.simtime.http import HttpError

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
#: Parameters that do not filter by a property of their name.
OTHERS = ("limit", "marker", "sort", "sort_key", "sort_dir", "visibility", "member_status", "tag", "changes-since")
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {"eq": eq, "neq": ne, "gt": gt, "gte": ge, "lt": lt, "lte": le}
SEVERAL = ("id", "name", "status", "container_format", "disk_format")
Test = Callable[[Image], bool]


def listed(images: list[Image], caller: Caller, args: MultiDict[str, str]) -> list[Image]:
    """The images of a listing, before paging.

    Raises:
        HttpError: 400, a parameter has a value that it cannot have.
    """
    visibility = args.get("visibility")
    if visibility is not None and visibility not in (*VISIBILITIES, "all"):
        raise HttpError(400, f"Invalid visibility value: {visibility}")
    member_status = args.get("member_status", "accepted")
    if member_status not in (*MEMBER_STATUSES, "all"):
        raise HttpError(400, f"Invalid status: {member_status}")
    tests = [_test(name, value) for name, value in args.items(multi=True) if name not in OTHERS]
    if "os_hidden" not in args:
        tests.append(lambda image: not image.os_hidden)
    tags = args.getlist("tag")
    found = [
        image
        for image in images
        if image.listed_for(caller, visibility, member_status)
        and all(tag in image.tags for tag in tags)
        and all(test(image) for test in tests)
    ]
    # The least of the keys first: each sort keeps the order of the one before among equals.
    for key, descending in reversed(_order(args)):
        found.sort(key=lambda image: _sortable(getattr(image, key)), reverse=descending)
    return found


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else "")


def _order(args: MultiDict[str, str]) -> list[tuple[str, bool]]:
    """The keys to sort by, and whether each goes downwards."""
    if "sort" in args:
        if "sort_key" in args or "sort_dir" in args:
            raise HttpError(400, "Old and new sorting syntax cannot be combined")
        pairs = [part.strip().partition(":")[::2] for part in args["sort"].split(",")]
        keys, directions = [key for key, _ in pairs], [direction or "desc" for _, direction in pairs]
    else:
        keys, directions = args.getlist("sort_key") or ["created_at"], args.getlist("sort_dir") or ["desc"]
        if len(directions) == 1:
            directions *= len(keys)
        if len(directions) != len(keys):
            raise HttpError(400, "Number of sort dirs does not match the number of sort keys")
    for key in keys:
        if key not in SORT_KEYS:
            raise HttpError(400, f"Invalid sort key: {key}. It must be one of {', '.join(SORT_KEYS)}.")
    for direction in directions:
        if direction not in ("asc", "desc"):
            raise HttpError(400, f"Invalid sort direction: {direction}. It must be asc or desc.")
    order = [(key, direction == "desc") for key, direction in zip(keys, directions, strict=True)]
    # Equal images still need an order, or pages would overlap.
    return order + [(key, True) for key in ("created_at", "id") if key not in keys]


def _test(name: str, value: str) -> Test:
    """The condition that the parameter ``name=value`` stands for."""
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
            raise HttpError(400, f"Invalid value '{value}' for '{name}' filter. Valid values are 'true' or 'false'.")
        wanted = value.lower() == "true"
        return lambda image: bool(getattr(image, name) == wanted)
    if name in ("created_at", "updated_at"):
        return _time_test(name, value)
    if name in SEVERAL and value.startswith("in:"):
        values = [part.strip().strip('"') for part in value[3:].split(",")]
        return lambda image: getattr(image, name) in values
    if name in (*SEVERAL, "owner", "checksum", "os_hash_value"):
        return lambda image: bool(getattr(image, name) == value)
    return lambda image: image.properties.get(name) == value


def _number(name: str, value: str) -> int:
    if not value.isdecimal():
        raise HttpError(400, f"Invalid value {value!r} for {name}: it must be a natural number")
    return int(value)


def _time_test(name: str, value: str) -> Test:
    operator, colon, text = value.partition(":")
    if not colon or operator not in COMPARISONS:
        operator, text = "eq", value
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise HttpError(400, f"Invalid time {text!r} for {name}: it must be ISO 8601") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    compare = COMPARISONS[operator]
    # The API shows whole seconds: what a client saw is what it may compare with.
    return lambda image: compare(getattr(image, name).replace(microsecond=0), moment)
