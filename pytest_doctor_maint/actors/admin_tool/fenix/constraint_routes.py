"""The part of Fenix's API in which VNFMs set the constraints of their instances and groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from pytest_doctor_maint.actors.admin_tool.base.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.fenix.auth import ApiRequest, AuthenticatedApp
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import (
    ConstraintStore,
    GroupConstraintBody,
    InstanceConstraintBody,
)
from pytest_doctor_maint.protocol import InvalidBody
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, route

INSTANCE = "/v1/instance/<instance_id>"
GROUP = "/v1/instance_group/<group_id>"


class ConstraintRoutes(AuthenticatedApp):
    """Constraints of instances and groups, for the admin and for the project that they belong to.

    Clients set and remove groups and instances in either order; neither depends on the other.

    Args:
        tokens: Finds the owner of a token.
        constraints: The constraints that the API serves.
        owner: Returns the project of a server; None when Nova has no such server.
    """

    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {InvalidBody: 400}

    def __init__(self, tokens: Tokens, constraints: ConstraintStore, owner: Callable[[str], str | None]) -> None:
        super().__init__(tokens)
        self._constraints = constraints
        self._owner = owner

    @route("PUT", INSTANCE, body=InstanceConstraintBody, answer=InstanceConstraintBody)
    def put_instance(self, request: ApiRequest, instance_id: str) -> Answer:
        """Set the constraint of an instance."""
        body = self._body(request, self._constraints.instance(instance_id))
        if not request.caller.is_admin and (owner := self._owner(instance_id)) is not None:
            self.must_own(request, owner)
        return self._constraints.put_instance(instance_id, body).model_dump(mode="json")

    @route("GET", INSTANCE, answer=InstanceConstraintBody, refuses=(404,))
    def show_instance(self, request: ApiRequest, instance_id: str) -> Answer:
        """Show the constraint of an instance."""
        return self._own_instance(request, instance_id).model_dump(mode="json")

    @route("DELETE", INSTANCE, refuses=(404,))
    def delete_instance(self, request: ApiRequest, instance_id: str) -> Answer:
        """Remove the constraint of an instance."""
        self._own_instance(request, instance_id)
        self._constraints.delete_instance(instance_id)
        return {}

    @route("PUT", GROUP, body=GroupConstraintBody, answer=GroupConstraintBody)
    def put_group(self, request: ApiRequest, group_id: str) -> Answer:
        """Set the constraint of a group."""
        # A constraint of another project with this id is about another group.
        body = self._body(request, None)
        return self._constraints.put_group(group_id, body).model_dump(mode="json")

    @route("GET", GROUP, answer=GroupConstraintBody, refuses=(404, 409))
    def show_group(self, request: ApiRequest, group_id: str) -> Answer:
        """Show the constraint of a group."""
        return self._own_group(request, group_id).model_dump(mode="json")

    @route("DELETE", GROUP, refuses=(404, 409))
    def delete_group(self, request: ApiRequest, group_id: str) -> Answer:
        """Remove the constraint of a group."""
        self._constraints.delete_group(self._own_group(request, group_id).key)
        return {}

    def _body(
        self, request: ApiRequest, present: InstanceConstraintBody | GroupConstraintBody | None
    ) -> dict[str, Any]:
        """Return the request's body, if it and the `present` constraint belong to the caller."""
        if present is not None:
            self.must_own(request, present.project_id, or_admin=True)
        body = request.json_object()
        # A client that leaves out the project means its own.
        body.setdefault("project_id", request.caller.project_id)
        self.must_own(request, body["project_id"], or_admin=True)
        return body

    def _own_instance(self, request: ApiRequest, instance_id: str) -> InstanceConstraintBody:
        found = self._constraints.instance(instance_id)
        if found is None:
            raise HttpError(404, "Invalid instance")
        self.must_own(request, found.project_id, or_admin=True)
        return found

    def _own_group(self, request: ApiRequest, group_id: str) -> GroupConstraintBody:
        """Return the group of this id that belongs to the caller; for the admin, the one that there is.

        Raises:
            HttpError: 404, no project has such a group; 403, only other projects have; 409, several projects have, and
                the admin's token is scoped to none of them.
        """
        found = self._constraints.groups_named(group_id)
        if not found:
            raise HttpError(404, "Invalid instance group")
        own = [group for group in found if group.project_id == request.caller.project_id]
        if own or len(found) == 1:
            group = (own or found)[0]
            self.must_own(request, group.project_id, or_admin=True)
            return group
        if not request.caller.is_admin:
            raise HttpError(403, "the token is scoped to another project")
        projects = ", ".join(sorted(group.project_id for group in found))
        raise HttpError(409, f"several projects have a group with this id: {projects}; use a token of one of them")
