"""An action plug-in."""

from __future__ import annotations

from pytest_doctor_maint import ActionPlugin


class Upgrade(ActionPlugin):
    """Works on a compute for two minutes."""

    def run(self) -> None:
        self.context.clock.sleep(120.0)
