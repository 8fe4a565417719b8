"""What a part of Neutron held before a request, to put it back if the request is refused.

A request that takes several steps may be refused at the last one. To undo the others one by one would leave traces: a
revision number that has counted twice, a default security group, a network that was created automatically.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Restore = Callable[[], None]
"""Puts back what was kept."""


def keep(container: dict[Any, Any]) -> Restore:
    """Return a function that puts back the present items of a container."""
    items = container.copy()

    def restore() -> None:
        container.clear()
        container.update(items)

    return restore
