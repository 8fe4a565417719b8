"""Identifiers that come from the seed, so that one seed always produces the same history."""

from __future__ import annotations

import random
import threading
import uuid


class Ids:
    """A source of identifiers.

    Each namespace has a stream of its own: more servers do not change the id of the next session.

    Args:
        seed: The same seed produces the same identifiers in the same order. None: identifiers come from the system's
            source of random numbers.
    """

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._streams: dict[str, random.Random] = {}
        self._lock = threading.Lock()

    def stream(self, namespace: str) -> random.Random:
        """Return the random numbers of ``namespace``."""
        with self._lock:
            if namespace not in self._streams:
                self._streams[namespace] = (
                    random.SystemRandom() if self._seed is None else random.Random(f"{self._seed}/{namespace}")  # noqa: S311  (it must be repeatable)
                )
            return self._streams[namespace]

    def uuid(self, namespace: str) -> str:
        """Return a version 4 UUID with dashes, as Nova and Neutron write ids."""
        return str(uuid.UUID(int=self.stream(namespace).getrandbits(128), version=4))

    def hex(self, namespace: str) -> str:
        """Return a version 4 UUID without dashes, as Keystone writes ids."""
        return self.uuid(namespace).replace("-", "")
