"""Listings: filters, order, pages and fields of the parameters of a URL."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, malformed
from pytest_doctor_maint.simtime.moments import parse_moment
from pytest_doctor_maint.simtime.numbers import natural

_PAGING = ("limit", "marker", "page_reverse", "sort_key", "sort_dir", "fields")
_TAGS = ("tags", "tags-any", "not-tags", "not-tags-any")
_TRUE = ("true", "1", "yes", "on")
#: The largest value of the parameter limit. Neutron does not limit the size of pages.
_MOST = 2**31 - 1

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing.

    Attributes:
        records: The resources, as the caller sees them.
        links: The addresses of the pages before and after this one; empty if the query has no limit.
    """

    records: list[Record]
    links: list[dict[str, str]]


def listing(collection: Collection, caller: Caller, query: Query, url: str) -> Page:
    """Return the resources that a query matches and the caller sees.

    Args:
        collection: The resources.
        caller: The caller.
        query: The parameters in their order. Values of the same filter are alternatives.
        url: The listing's address, for links.

    Raises:
        NeutronError: 400, a parameter has an invalid value; 404, no resource has the marker as its id.
    """
    given: dict[str, list[str]] = {}
    for key, value in query:
        given.setdefault(key, []).append(value)
    filters = {key: values for key, values in given.items() if key not in _PAGING and key not in _TAGS}
    collection.prepare(caller, filters)
    since = _since(filters.pop("changed_since", None))
    found = [
        shown
        for record in collection.candidates(filters)
        if collection.visible(record, caller)
        for shown in (collection.view(record, caller),)
        if _passes(collection, record, shown, filters)
        and _tagged(record.get("tags") or (), given)
        and (since is None or record["updated_at"] >= since)
    ]
    found = _sorted(collection, found, given.get("sort_key", ()), given.get("sort_dir", ()))
    page, links = _page(collection, found, given, query, url)
    return Page([selected(record, given.get("fields", ())) for record in page], links)


def selected(record: Record, fields: Iterable[str]) -> Record:
    """Return the attributes in ``fields``; all, if ``fields`` is empty."""
    wanted = [name for name in fields if name]
    return {name: record[name] for name in wanted if name in record} if wanted else record


def matching(documents: Iterable[Record], query: Query) -> list[Record]:
    """Return the documents that pass a query's filters, each with the fields that the query asks for.

    For lists that are not collections of resources: they have no pages, no order and no tags.
    """
    filters: dict[str, list[str]] = {}
    for key, value in query:
        filters.setdefault(key, []).append(value)
    fields = filters.pop("fields", ())
    return [
        selected(document, fields)
        for document in documents
        if all(any(_equal(document[key], value) for value in filters[key]) for key in filters if key in document)
    ]


def _passes(collection: Collection, record: Record, shown: Record, filters: Mapping[str, Sequence[str]]) -> bool:
    for name, values in filters.items():
        own = collection.matches(record, name, values)
        if own is None:
            # A parameter that is not an attribute that the caller sees is ignored.
            own = name not in shown or any(_equal(shown[name], value) for value in values)
        if not own:
            return False
    return True


def _equal(have: Any, wanted: str) -> bool:
    if isinstance(have, bool):
        return have == (wanted.lower() in _TRUE)
    if have is None:
        return wanted == ""
    if isinstance(have, list):
        return any(_equal(item, wanted) for item in have) if have else wanted == ""
    if str(have) == wanted:
        return True
    if ":" in wanted and isinstance(have, str):
        return have == _canonical(wanted)
    return False


def _canonical(value: str) -> str:
    """Return an IPv6 or MAC address in its canonical form."""
    try:
        return str(ipaddress.ip_interface(value)) if "/" in value else str(ipaddress.ip_address(value))
    except ValueError:
        return value.lower()


def _tagged(tags: Sequence[str], given: Mapping[str, Sequence[str]]) -> bool:
    def wanted(name: str) -> set[str]:
        return {tag for value in given.get(name, ()) for tag in value.split(",")}

    have = set(tags)
    return (
        wanted("tags") <= have
        and ("tags-any" not in given or bool(wanted("tags-any") & have))
        and ("not-tags" not in given or not wanted("not-tags") <= have)
        and ("not-tags-any" not in given or not wanted("not-tags-any") & have)
    )


def _since(values: Sequence[str] | None) -> str | None:
    if not values:
        return None
    try:
        moment = parse_moment(values[0])
    except ValueError:
        raise malformed(f"Invalid changed_since value: '{values[0]}' is not a time in ISO 8601") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _sorted(collection: Collection, records: list[Record], keys: Sequence[str], ways: Sequence[str]) -> list[Record]:
    if unknown := [key for key in keys if key not in collection.kind.attributes]:
        raise malformed(f"{unknown} are invalid attributes for sort keys")
    if wrong := [way for way in ways if way not in ("asc", "desc")]:
        raise malformed(f"{wrong} is invalid value for sort_dirs, valid value is 'asc' and 'desc'")
    if ways and len(keys) != len(ways):
        raise malformed("The number of sort_keys and sort_dirs must be same")
    # The least significant key first: sorting is stable.
    for key, way in reversed(list(zip(keys, ways or ["asc"] * len(keys), strict=True))):
        records = sorted(records, key=lambda record: _order(record.get(key)), reverse=way == "desc")
    return records


def _order(value: Any) -> tuple[int, Any]:
    if value is None:
        return (0, "")
    return (1, value) if isinstance(value, bool | int) else (2, str(value))


def _page(
    collection: Collection, records: list[Record], given: Mapping[str, Sequence[str]], query: Query, url: str
) -> tuple[list[Record], list[dict[str, str]]]:
    reverse = given.get("page_reverse", ["false"])[-1].lower() in _TRUE
    marker = given.get("marker", [""])[-1]
    limit = _limit(given.get("limit", ["0"])[-1])
    if marker:
        places = [place for place, record in enumerate(records) if record["id"] == marker]
        if not places:
            raise NeutronError(404, collection.kind.not_found, f"Marker {marker} could not be found.")
        records = records[: places[0]] if reverse else records[places[0] + 1 :]
    if not limit:
        return records, []
    page = records[-limit:] if reverse else records[:limit]
    links = []
    if len(page) == limit or reverse:
        links.append({"rel": "next", "href": _link(query, url, page[-1:], reverse=False)})
    if len(page) == limit or not reverse:
        links.append({"rel": "previous", "href": _link(query, url, page[:1], reverse=True)})
    return page, links


def _limit(value: str) -> int:
    limit = natural(value)
    if limit is None or limit > _MOST:
        raise malformed(f"Limit must be an integer 0 or greater and not '{value}'")
    return limit


def _link(query: Query, url: str, marker: Sequence[Record], *, reverse: bool) -> str:
    kept = [(key, value) for key, value in query if key not in ("marker", "page_reverse")]
    kept += [("marker", record["id"]) for record in marker]
    if reverse:
        kept.append(("page_reverse", "True"))
    return f"{url}?{urlencode(kept)}"
