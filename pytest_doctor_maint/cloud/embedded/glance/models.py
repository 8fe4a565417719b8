"""Glance's state."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_doctor_maint.cloud.embedded.world import World


class Glance:
    """Glance's state."""

    def __init__(self, world: World) -> None:
        self.world = world
