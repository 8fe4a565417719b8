"""Glance's sharing: the projects that an image is offered to."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.glance.models import MEMBER_STATUSES, Image, Member
from pytest_doctor_maint.embedded.glance.service import GlanceService, glance_time
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, HttpError, route


def shown(image: Image, member: Member) -> dict[str, Any]:
    """The member as the API gives it."""
    return {
        "member_id": member.project_id,
        "image_id": image.id,
        "status": member.status,
        "created_at": glance_time(member.created_at),
        "updated_at": glance_time(member.updated_at),
        "schema": "/v2/schemas/member",
    }


class MemberRoutes(GlanceService):
    """``/v2/images/ID/members``."""

    @route("GET", "/v2/images/<image_id>/members")
    def list_members(self, request: ServiceRequest, image_id: str) -> Answer:
        image = self._shared(request, image_id)
        # A member sees itself, not with whom else the owner shares.
        members = [
            member
            for member in image.members.values()
            if image.owned_by(request.caller) or member.project_id == request.caller.project_id
        ]
        return {"members": [shown(image, member) for member in members], "schema": "/v2/schemas/members"}

    @route("POST", "/v2/images/<image_id>/members")
    def create_member(self, request: ServiceRequest, image_id: str) -> Answer:
        project_id = request.json_object().get("member")
        if not isinstance(project_id, str) or not project_id:
            raise HttpError(400, "Member to be added not specified")
        image = self._shared(request, image_id)
        self._owner_only(request, image)
        if project_id in image.members:
            raise HttpError(409, f"The target member {project_id} is already associated with image {image_id}.")
        now = self.core.clock.now()
        image.members[project_id] = Member(project_id, "pending", now, now)
        return shown(image, image.members[project_id])

    @route("GET", "/v2/images/<image_id>/members/<project_id>")
    def show_member(self, request: ServiceRequest, image_id: str, project_id: str) -> Answer:
        image = self.image(request, image_id)
        return shown(image, self._member(request, image, project_id))

    @route("PUT", "/v2/images/<image_id>/members/<project_id>")
    def update_member(self, request: ServiceRequest, image_id: str, project_id: str) -> Answer:
        status = request.json_object().get("status")
        if status not in MEMBER_STATUSES:
            raise HttpError(400, f"Status {status!r} is not one of {', '.join(MEMBER_STATUSES)}")
        image = self._shared(request, image_id)
        member = self._member(request, image, project_id)
        if request.caller.project_id != project_id and not request.caller.is_admin:
            raise HttpError(403, "You are not permitted to modify 'status' on this image member.")
        member.status = status
        member.updated_at = self.core.clock.now()
        return shown(image, member)

    @route("DELETE", "/v2/images/<image_id>/members/<project_id>")
    def delete_member(self, request: ServiceRequest, image_id: str, project_id: str) -> Answer:
        image = self._shared(request, image_id)
        self._owner_only(request, image)
        if project_id not in image.members:
            raise HttpError(404, f"{project_id} not found in the member list of the image {image_id}.")
        del image.members[project_id]
        return None

    def _shared(self, request: ServiceRequest, image_id: str) -> Image:
        image = self.image(request, image_id)
        if image.visibility != "shared":
            raise HttpError(403, "Only shared images have members.")
        return image

    def _owner_only(self, request: ServiceRequest, image: Image) -> None:
        if not image.owned_by(request.caller):
            raise HttpError(403, "You are not permitted to change the members of this image.")

    def _member(self, request: ServiceRequest, image: Image, project_id: str) -> Member:
        member = image.members.get(project_id)
        if member is None or not (image.owned_by(request.caller) or request.caller.project_id == project_id):
            raise HttpError(404, f"{project_id} not found in the member list of the image {image.id}.")
        return member
