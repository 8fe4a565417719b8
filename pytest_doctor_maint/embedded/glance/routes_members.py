"""Image API: the projects that images are shared with."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.glance.errors import Conflict, Forbidden, Invalid, NotFound
from pytest_doctor_maint.embedded.glance.models import MEMBER_STATUSES, Image, Member
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.glance.times import show_time
from pytest_doctor_maint.embedded.glance.validation import TIMES, UUID, Schema, choice, read_only, text
from pytest_doctor_maint.embedded.service import ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, route

MEMBER = Schema(
    "member",
    {
        "member_id": text(),
        "image_id": text(pattern=UUID),
        "status": choice(*MEMBER_STATUSES),
        **TIMES,
        "schema": read_only(text()),
    },
)


class MemberRoutes(GlanceService):
    """``/v2/images/ID/members``."""

    @route("GET", "/v2/images/<image_id>/members")
    def list_members(self, request: ServiceRequest, image_id: str) -> Answer:
        image = self._shared(request, image_id)
        # A member sees itself, but not the other members.
        members = [
            member
            for member in image.members.values()
            if image.owned_by(request.caller) or member.project_id == request.caller.project_id
        ]
        return {"members": [_show(image, member) for member in members], "schema": "/v2/schemas/members"}

    @route("POST", "/v2/images/<image_id>/members")
    def create_member(self, request: ServiceRequest, image_id: str) -> Answer:
        project_id = request.json_object().get("member")
        if not isinstance(project_id, str) or not project_id:
            raise Invalid("Member to be added not specified")
        MEMBER.check({"member_id": project_id})
        image = self._shared(request, image_id)
        _check_owner(request, image)
        if project_id in image.members:
            raise Conflict(f"The target member {project_id} is already associated with image {image_id}.")
        now = self.core.clock.now()
        image.members[project_id] = Member(project_id, "pending", now, now)
        return _show(image, image.members[project_id])

    @route("GET", "/v2/images/<image_id>/members/<project_id>")
    def show_member(self, request: ServiceRequest, image_id: str, project_id: str) -> Answer:
        image = self.image(request, image_id)
        return _show(image, _member(request, image, project_id))

    @route("PUT", "/v2/images/<image_id>/members/<project_id>")
    def update_member(self, request: ServiceRequest, image_id: str, project_id: str) -> Answer:
        body = request.json_object()
        if "status" not in body:
            raise Invalid("Status not specified")
        MEMBER.check({"status": body["status"]})
        image = self._shared(request, image_id)
        member = _member(request, image, project_id)
        if request.caller.project_id != project_id and not request.caller.is_admin:
            raise Forbidden("You are not permitted to modify 'status' on this image member.")
        member.status = body["status"]
        member.updated_at = self.core.clock.now()
        return _show(image, member)

    @route("DELETE", "/v2/images/<image_id>/members/<project_id>")
    def delete_member(self, request: ServiceRequest, image_id: str, project_id: str) -> Answer:
        image = self._shared(request, image_id)
        _check_owner(request, image)
        if project_id not in image.members:
            raise NotFound(f"{project_id} not found in the member list of the image {image_id}.")
        del image.members[project_id]
        return None

    def _shared(self, request: ServiceRequest, image_id: str) -> Image:
        image = self.image(request, image_id)
        if image.visibility != "shared":
            raise Forbidden("Only shared images have members.")
        return image


def _check_owner(request: ServiceRequest, image: Image) -> None:
    if not image.owned_by(request.caller):
        raise Forbidden("You are not permitted to change the members of this image.")


def _member(request: ServiceRequest, image: Image, project_id: str) -> Member:
    """Return a member that the caller may see: its own project or, for the owner, each."""
    member = image.members.get(project_id)
    if member is None or not (image.owned_by(request.caller) or request.caller.project_id == project_id):
        raise NotFound(f"{project_id} not found in the member list of the image {image.id}.")
    return member


def _show(image: Image, member: Member) -> dict[str, Any]:
    """Return the member as the API shows it."""
    return {
        "member_id": member.project_id,
        "image_id": image.id,
        "status": member.status,
        "created_at": show_time(member.created_at),
        "updated_at": show_time(member.updated_at),
        "schema": "/v2/schemas/member",
    }
