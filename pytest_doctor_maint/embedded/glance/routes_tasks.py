"""Glance's tasks: what was imported, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pytest_doctor_maint.embedded.glance.models import Task
from pytest_doctor_maint.embedded.glance.service import GlanceService, glance_time
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

LIFETIME = timedelta(hours=48)
"""How long after its end a task is kept, as its ``expires_at`` says."""


class TaskRoutes(GlanceService):
    """``/v2/tasks`` for admins, and an image's own tasks for whoever may see the image."""

    @route("GET", "/v2/tasks", admin=True)
    def list_tasks(self, request: ServiceRequest) -> Answer:
        wanted = {name: request.args.get(name) for name in ("type", "status")}
        found = [
            task
            for task in reversed(self.glance.tasks.values())
            if wanted["type"] in (None, task.kind) and wanted["status"] in (None, task.status)
        ]
        page, more = self.page(request, found, lambda task: task.id)
        brief = [
            {name: value for name, value in _shown(task).items() if name not in ("input", "result", "message")}
            for task in page
        ]
        body: dict[str, Any] = {"tasks": brief, "first": "/v2/tasks", "schema": "/v2/schemas/tasks"}
        if more:
            body["next"] = f"/v2/tasks?limit={len(page)}&marker={page[-1].id}"
        return body

    @route("POST", "/v2/tasks", admin=True)
    def create_task(self, request: ServiceRequest) -> Answer:
        body = request.json_object()
        wanted = body.get("input")
        if body.get("type") != "import" or not isinstance(wanted, dict):
            raise HttpError(400, "the body must be {'type': 'import', 'input': {…}}")
        for name in ("import_from", "import_from_format"):
            if not isinstance(wanted.get(name), str):
                raise HttpError(400, f"Input does not contain {name!r} field")
        if not isinstance(wanted.get("image_properties"), dict):
            raise HttpError(400, "Input does not contain 'image_properties' field")
        task = self.task(request, "import", "failure", wanted)
        # Nothing outside of the cloud is within its reach, wherever an image may lie.
        task.message = f"The image could not be fetched from {wanted['import_from']}"
        return 201, _shown(task), {"Location": f"{request.host_url}image/v2/tasks/{task.id}"}

    @route("GET", "/v2/tasks/<task_id>", admin=True)
    def show_task(self, request: ServiceRequest, task_id: str) -> Answer:
        if task_id not in self.glance.tasks:
            raise HttpError(404, f"Task {task_id} not found")
        return _shown(self.glance.tasks[task_id])

    @route("GET", "/v2/images/<image_id>/tasks")
    def list_image_tasks(self, request: ServiceRequest, image_id: str) -> Answer:
        self.image(request, image_id)
        return {"tasks": [_shown(task) for task in self.glance.tasks.values() if task.image_id == image_id]}

    def task(
        self, request: ServiceRequest, kind: str, status: str, wanted: dict[str, Any], image_id: str | None = None
    ) -> Task:
        """Note a task that is done."""
        task = Task(
            self.core.ids.uuid("task"),
            kind,
            status,
            request.caller.project_id,
            image_id,
            wanted,
            request.request_id,
            request.caller.user_id,
            self.core.clock.now(),
        )
        self.glance.tasks[task.id] = task
        return task


def _shown(task: Task) -> dict[str, Any]:
    done = glance_time(task.created_at)
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
        "created_at": done,
        "updated_at": done,
        "expires_at": glance_time(task.created_at + LIFETIME),
        "self": f"/v2/tasks/{task.id}",
        "schema": "/v2/schemas/task",
    }
