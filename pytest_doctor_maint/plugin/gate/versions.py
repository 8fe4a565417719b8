"""The versions of what a run is made of."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, entry_points, version

from pytest_doctor_maint.plugin.settings import Settings, is_remote

#: The distributions whose version a result has, where they are installed.
DISTRIBUTIONS = (
    "pytest-doctor-maint",
    "pytest",
    "pytest-xdist",
    "allure-pytest",
    "openstacksdk",
    "keystoneauth1",
    "oslo.messaging",
    "requests",
)
#: The roles of actors, and the groups of their entry points.
_GROUPS = {
    "admin_tool": "pytest_doctor_maint.admin_tools",
    "app_manager": "pytest_doctor_maint.app_managers",
    "inspector": "pytest_doctor_maint.inspectors",
}


def versions() -> dict[str, str]:
    """Return the versions of Python and of the distributions that are installed, by their names."""
    found = {"python": platform.python_version()}
    for name in DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def actor_versions(settings: Settings) -> dict[str, dict[str, str | None]]:
    """Return the name of each actor, and the distribution and version that it comes from, by the actors' roles."""
    return {role: _actor_version(group, getattr(settings, role)) for role, group in _GROUPS.items()}


def _actor_version(group: str, name: str) -> dict[str, str | None]:
    if is_remote(name):
        return {"name": "remote", "distribution": None, "version": None}
    points = [point for point in entry_points(group=group, name=name) if point.dist is not None]
    dist = points[0].dist if points else None
    return {
        "name": name,
        "distribution": None if dist is None else dist.name,
        "version": None if dist is None else dist.version,
    }
