"""What is in an SVG picture, for tests: its texts, and the marks of violations on its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, fromstring

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Mark:
    """A mark of violations: the row, the violations of each claim, the edges of the mark, and its numbers."""

    row: str
    claims: Counter[str]
    left: float
    right: float
    numbers: str


def texts(picture: str) -> list[str]:
    """Return the texts and the tips of a picture."""
    return [element.text or "" for element in _elements(picture) if element.tag in (f"{SVG}text", f"{SVG}title")]


def labels(picture: str) -> list[str]:
    """Return the texts of a picture that are seen without pointing at something."""
    return [element.text or "" for element in _elements(picture) if element.tag == f"{SVG}text"]


def tips(picture: str) -> list[str]:
    """Return the tips of a picture."""
    return [element.text or "" for element in _elements(picture) if element.tag == f"{SVG}title"]


def bars(picture: str, tip: str) -> list[tuple[float, float]]:
    """Return the left and the right edge of each bar whose tip begins with ``tip``."""
    return [
        (float(bar.attrib["x"]), float(bar.attrib["x"]) + float(bar.attrib["width"]))
        for bar in _elements(picture)
        if bar.tag == f"{SVG}rect" and (bar.findtext(f"{SVG}title") or "").startswith(tip)
    ]


def rows(picture: str) -> list[str]:
    """Return the names of the rows of a picture, from the top to the bottom."""
    return [_name(row) for row in _rows(picture)]


def marks(picture: str) -> list[Mark]:
    """Return the marks of violations on the rows of a picture."""
    found = []
    for row in _rows(picture):
        for mark in row.findall(f"{SVG}g[@data-claims]"):
            pill = mark.find(f"{SVG}rect")
            assert pill is not None
            left = float(pill.attrib["x"])
            claims = Counter({name: int(n) for name, n in re.findall(r"(\S+):(\d+)", mark.attrib["data-claims"])})
            numbers = mark.findtext(f"{SVG}text") or ""
            found.append(Mark(_name(row), claims, left, left + float(pill.attrib["width"]), numbers))
    return found


def marked(picture: str) -> Counter[str]:
    """Return how many violations of each claim have a mark."""
    return sum((mark.claims for mark in marks(picture)), Counter())


def height(picture: str) -> float:
    """Return the height of a picture in pixels."""
    return float(_root(picture).attrib["height"])


def _rows(picture: str) -> list[Element]:
    return [row for row in _root(picture).findall(f"{SVG}g[@class]") if row.attrib["class"].startswith("row")]


def _name(row: Element) -> str:
    return row.findtext(f"{SVG}g/{SVG}text") or ""


def _elements(picture: str) -> Iterator[Element]:
    yield from _root(picture).iter()


def _root(picture: str) -> Element:
    return fromstring(picture)  # noqa: S314  # the document is our own
