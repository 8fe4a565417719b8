"""Who plays the admin tool and the app manager, by name."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.actors.admin_tool.fenix.fenix import Fenix
from pytest_doctor_maint.actors.admin_tool.fenix.settings import FenixSettings
from pytest_doctor_maint.actors.app_manager.vnfm import Vnfm

#: The workflow that an app manager is made for. The sample one speaks what every admin tool has.
WORKFLOWS = {"sample": "default", "vnfm": "vnf"}


def cast(admin_tool: str, app_manager: str) -> dict[str, Any]:
    """The fields of :class:`TestbedSettings` for these two.

    Args:
        admin_tool: ``sample`` or ``fenix``.
        app_manager: ``sample`` or ``vnfm``; ``vnfm`` works with ``fenix`` only, and makes the workflow ``vnf``.

    Raises:
        ValueError: There is no such actor, or the two do not work together.
    """
    if app_manager not in WORKFLOWS or admin_tool not in ("sample", "fenix"):
        raise ValueError(f"nobody plays {admin_tool!r} and {app_manager!r}")
    if app_manager == "vnfm" and admin_tool != "fenix":
        raise ValueError(f"the admin tool {admin_tool!r} takes no constraints, which 'vnfm' sets")
    chosen: dict[str, Any] = {"app_manager": app_manager, "workflow": WORKFLOWS[app_manager]}
    if admin_tool == "fenix":
        chosen |= {"make_admin_tool": Fenix, "admin_tool": FenixSettings()}
    if app_manager == "vnfm":
        chosen["make_app_manager"] = Vnfm
    return chosen
