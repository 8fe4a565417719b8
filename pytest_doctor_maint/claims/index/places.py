"""What is where at any moment, such as servers on computes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

#: The number of changes of a place after which its content is kept, unless the content is larger.
_CHANGES = 16


class _Place(Generic[T]):
    """The changes of one place, in order, and its content after some of them."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.changes: list[tuple[str, T | None]] = []
        self._content: dict[str, T] = {}
        self._kept_at = [0]
        self._kept: list[dict[str, T]] = [{}]

    def change(self, key: str, seq: int, item: T | None) -> None:
        self.seqs.append(seq)
        self.changes.append((key, item))
        _apply(self._content, key, item)
        # So all that is kept is no larger than the number of changes.
        if len(self.changes) - self._kept_at[-1] >= max(_CHANGES, len(self._content)):
            self._kept_at.append(len(self.changes))
            self._kept.append(dict(self._content))

    def before(self, seq: int) -> dict[str, T]:
        number = bisect_left(self.seqs, seq)
        kept = bisect_right(self._kept_at, number) - 1
        content = dict(self._kept[kept])
        for key, item in self.changes[self._kept_at[kept] : number]:
            _apply(content, key, item)
        return content


def _apply(content: dict[str, T], key: str, item: T | None) -> None:
    if item is None:
        content.pop(key, None)
    else:
        content[key] = item


class Places(Generic[T]):
    """The content of places at any moment. A look takes time for what is there, and not for all that ever happened."""

    def __init__(self) -> None:
        self._places: Mapping[str, _Place[T]] = defaultdict(_Place)

    def put(self, place: str, key: str, seq: int, item: T | None) -> None:
        """From event ``seq`` on, ``key`` is at ``place``, as ``item``; None: it is not there any more.

        The events come in the order of their numbers.
        """
        self._places[place].change(key, seq, item)

    def before(self, place: str, seq: int) -> dict[str, T]:
        """Return what is at ``place`` just before event ``seq``, by key, in the order of arrival."""
        return self._places[place].before(seq) if place in self._places else {}

    def arrivals(self, place: str, first: int, last: int) -> Iterator[tuple[str, T]]:
        """Yield what arrives at ``place``, or changes there, from event ``first`` until event ``last`` inclusive."""
        if place in self._places:
            found = self._places[place]
            for key, item in found.changes[bisect_left(found.seqs, first) : bisect_right(found.seqs, last)]:
                if item is not None:
                    yield key, item
