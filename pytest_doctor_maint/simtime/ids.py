"""Identifiers that come from the seed, so that one seed gives one history."""

from __future__ import annotations

import random
import threading
import uuid


class Ids:
    """A source of identifiers. Each namespace is a stream of its own: more servers do not change the next session's id.

    Args:
        seed: The same seed gives the same identifiers in the same order. ``None`` draws from the system.
    """

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._streams: dict[str, random.Random] = {}
        self._lock = threading.Lock()

    def stream(self, namespace: str) -> random.Random:
        """The random numbers of ``namespace``."""
        with self._lock:
            if namespace not in self._streams:
                self._streams[namespace] = (
                    random.SystemRandom() if self._seed is None else random.Random(f"{self._seed}/{namespace}")  # noqa: S311  (repeatable is what it must be)
                )
            return self._streams[namespace]

    def uuid(self, namespace: str) -> str:
        """A version 4 UUID with dashes, as Nova and Neutron give."""
        return str(uuid.UUID(int=self.stream(namespace).getrandbits(128), version=4))

    def hex(self, namespace: str) -> str:
        """A version 4 UUID without dashes, as Keystone gives."""
        return self.uuid(namespace).replace("-", "")
