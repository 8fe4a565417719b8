"""The names of instances: with the project where two projects use the same name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from pytest_doctor_maint.claims.index.index import HistoryIndex


def instance_names(index: HistoryIndex) -> Mapping[str, str]:
    """Return the name of each server, by its id."""
    projects: dict[str, set[str]] = defaultdict(set)
    for server_id in index.cloud.servers:
        projects[index.name(server_id)].add(index.cloud.project_of(server_id))

    def name_of(server_id: str) -> str:
        name = index.name(server_id)
        is_shared = len(projects[name]) > 1
        return f"{name} ({index.name(index.cloud.project_of(server_id))})" if is_shared else name

    return {server_id: name_of(server_id) for server_id in index.cloud.servers}
