"""Reads pictures in SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        root: Its outermost element.
    """

    root: Element

    @classmethod
    def of(cls, text: str) -> Picture:
        """Return the picture that `text` is, which must be well-formed."""
        return cls(ElementTree.fromstring(text))  # noqa: S314  # the document is our own

    def elements(self, tag: str, class_: str | None = None) -> Iterator[Element]:
        """Yield the elements of this name; only those of this class, if one is given."""
        return (
            element for element in self.root.iter(f"{_SVG}{tag}") if class_ is None or element.get("class") == class_
        )

    @property
    def texts(self) -> list[str]:
        """What is written, text by text, without the tips."""
        return [_written(element) for element in self.elements("text")]

    @property
    def tips(self) -> list[str]:
        """What is shown while the pointer is on something."""
        return [element.text or "" for element in self.elements("title")]

    def row(self, text: str) -> list[str]:
        """Return all that is written in the first group in which `text` is written or begins a text."""
        for group in self.elements("g"):
            written = [_written(element) for element in group.iter(f"{_SVG}text")]
            if any(each.startswith(text) for each in written):
                return written
        raise AssertionError(f"{text!r} is not in {self.texts}")


def _written(element: Element) -> str:
    return (element.text or "") + "".join(child.tail or "" for child in element)
