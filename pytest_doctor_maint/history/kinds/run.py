"""The run itself."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_doctor_maint.history.kinds.declaration import Data, Kind, declare
from pytest_doctor_maint.history.kinds.types import (
    COUNT,
    SECONDS,
    TEXT,
    WHOLE,
    list_of,
    optional,
    record_of,
    table_of,
    texts,
)


def _names_of_projects(data: Data, number: int) -> Mapping[str, str]:
    projects = {str(project_id): str(project) for project_id, project in data["projects"].items()}
    return {str(data["admin_project_id"]): "admin", **projects}


RUN_STARTED = declare(
    Kind(
        "run.started",
        "The run begins. The data is what a reader must know of the run to judge it and to repeat it.",
        fields={
            "seed": "the seed of the run",
            "cloud": "the name of the cloud: embedded, or one of clouds.yaml",
            "admin_tool": "the admin tool",
            "app_manager": "the app manager",
            "inspector": "the Inspector",
            "computes": "the computes: [{name, vcpus}]",
            "projects": "the projects with an application: {id: name}",
            "admin_project_id": "the project of the administrator",
            "profile": "the dialect of the admin tool: sample | fenix",
            "windows": "the seconds that a project has for its reply, by state: {state: seconds}",
            "scenario": "the test that made the run",
            "repeat": "the command that repeats the run",
        },
        optional={
            "workflow": "the workflow that the sessions ask for: default | vnf; default when left out",
            "observed_every": "the seconds between two queries of a cloud that is observed from outside",
            "unseen": "the kinds of events and the settings that nothing could record",
            "standing_sessions": "the sessions that the admin tool had before the run",
        },
        types={
            **texts("cloud", "admin_tool", "app_manager", "inspector", "admin_project_id", "profile"),
            **texts("scenario", "repeat", "workflow"),
            "seed": optional(WHOLE),
            "computes": list_of(record_of(name=TEXT, vcpus=COUNT)),
            "projects": table_of(TEXT),
            "windows": table_of(SECONDS),
            "observed_every": optional(SECONDS),
            "unseen": list_of(TEXT),
            "standing_sessions": list_of(TEXT),
        },
        actors=("harness",),
        verbatim=frozenset({"repeat"}),
        text=lambda data, name: f"run starts: {data['scenario']}",
        names=_names_of_projects,
    )
).name
RUN_ENDED = declare(
    Kind(
        "run.ended",
        "The run ends. What holds now is the end state; later events are part of the removal of the run.",
        actors=("harness",),
        text=lambda data, name: "run ends",
    )
).name
