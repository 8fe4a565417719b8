"""Image API: tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pytest_doctor_maint.embedded.glance.errors import Invalid, NotFound
from pytest_doctor_maint.embedded.glance.models import Task
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.glance.times import show_time
from pytest_doctor_maint.embedded.glance.validation import LINKS, TIMES, UUID, Schema, choice, nullable, text
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

#: How long a task is kept after its end, as its ``expires_at`` says.
LIFETIME = timedelta(hours=48)
#: The mandatory parameters of a task by its type, and their types.
_INPUT: Mapping[str, Mapping[str, type]] = {
    "import": {"import_from": str, "import_from_format": str, "image_properties": dict},
    "api_image_import": {"image_id": str},
    "location_import": {"image_id": str, "loc_url": str, "validation_data": dict},
}
#: The fields that listings leave out.
_DETAILS = ("input", "result", "message")

TASK = Schema(
    "task",
    {
        "id": text(pattern=UUID),
        "type": choice(*_INPUT),
        "status": choice("pending", "processing", "success", "failure"),
        "input": nullable({"type": "object"}),
        "result": nullable({"type": "object"}),
        "owner": text(),
        "message": text(),
        "image_id": nullable(text()),
        "request_id": text(),
        "user_id": text(),
        "expires_at": nullable(text()),
        **TIMES,
        **LINKS,
    },
)
#: A task in a listing.
BRIEF_TASK = Schema("task", {name: schema for name, schema in TASK.properties.items() if name not in _DETAILS})


class TaskRoutes(GlanceService):
    """``/v2/tasks`` for admins, and the tasks of an image for all callers that see the image."""

    @route("GET", "/v2/tasks", admin=True)
    def list_tasks(self, request: ServiceRequest) -> Answer:
        wanted = {name: request.args.get(name) for name in ("type", "status")}
        found = [
            task
            for task in reversed(self.glance.tasks.values())
            if wanted["type"] in (None, task.kind) and wanted["status"] in (None, task.status)
        ]
        page, more = self.page(request, found, lambda task: task.id)
        brief = [{name: value for name, value in _show(task).items() if name not in _DETAILS} for task in page]
        body: dict[str, Any] = {"tasks": brief, "first": "/v2/tasks", "schema": "/v2/schemas/tasks"}
        if more:
            body["next"] = f"/v2/tasks?limit={len(page)}&marker={page[-1].id}"
        return body

    @route("POST", "/v2/tasks", admin=True)
    def create_task(self, request: ServiceRequest) -> Answer:
        body = request.json_object()
        for name in ("type", "input"):
            if name not in body:
                raise Invalid(f"Task '{name}' is required")
        TASK.check(body)
        kind, parameters = body["type"], body["input"] or {}
        for name, expected in _INPUT[kind].items():
            if not isinstance(parameters.get(name), expected):
                raise Invalid(f"Input does not contain '{name}' field")
        task = self.add_task(request, kind, "failure", parameters)
        # The embedded cloud reaches nothing outside itself, and imports images by their own requests.
        source = parameters.get("import_from", parameters.get("loc_url"))
        task.message = (
            f"The image could not be fetched from {source}" if source else "The image has no staged data to import"
        )
        return 201, _show(task), {"Location": f"{request.host_url}image/v2/tasks/{task.id}"}

    @route("GET", "/v2/tasks/<task_id>", admin=True)
    def show_task(self, request: ServiceRequest, task_id: str) -> Answer:
        if task_id not in self.glance.tasks:
            raise NotFound(f"Task {task_id} not found")
        return _show(self.glance.tasks[task_id])

    @route("GET", "/v2/images/<image_id>/tasks")
    def list_image_tasks(self, request: ServiceRequest, image_id: str) -> Answer:
        self.image(request, image_id)
        return {"tasks": [_show(task) for task in self.glance.tasks.values() if task.image_id == image_id]}

    def add_task(
        self, request: ServiceRequest, kind: str, status: str, parameters: dict[str, Any], image_id: str | None = None
    ) -> Task:
        """Add a task that has ended."""
        task = Task(
            self.core.ids.uuid("task"),
            kind,
            status,
            request.caller.project_id,
            image_id,
            parameters,
            request.request_id,
            request.caller.user_id,
            self.core.clock.now(),
        )
        self.glance.tasks[task.id] = task
        return task


def _show(task: Task) -> dict[str, Any]:
    """Return the task as the API shows it."""
    ended = show_time(task.created_at)
    return {
        "id": task.id,
        "type": task.kind,
        "status": task.status,
        "owner": task.owner,
        "image_id": task.image_id,
        "input": task.input,
        "result": {"image_id": task.image_id} if task.image_id else None,
        "message": task.message,
        "request_id": task.request_id,
        "user_id": task.user_id,
        "created_at": ended,
        "updated_at": ended,
        "expires_at": show_time(task.created_at + LIFETIME),
        "self": f"/v2/tasks/{task.id}",
        "schema": "/v2/schemas/task",
    }
