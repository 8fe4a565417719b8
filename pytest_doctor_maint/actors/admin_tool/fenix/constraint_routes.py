"""The part of Fenix's API where VNFMs set what their instances and groups can bear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openstack.exceptions import SDKException
from pydantic import BaseModel

from pytest_doctor_maint.actors.admin_tool.fenix.auth import ApiRequest, SecuredApp
from pytest_doctor_maint.actors.admin_tool.fenix.tokens import Tokens
from pytest_doctor_maint.actors.admin_tool.vnf.constraints import ConstraintStore, GroupConstraint, InstanceConstraint
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

INSTANCE = "/v1/instance/<instance_id>"
GROUP = "/v1/instance_group/<group_id>"


class ConstraintRoutes(SecuredApp):
    """Constraints of instances and groups, for the admin and for the project that they belong to.

    Clients set and remove groups and instances in either order; neither depends on the other.

    Args:
        tokens: Tells whose a token is.
        constraints: The constraints behind the API.
        owner: The project of a server, None where Nova has no such server.
    """

    def __init__(self, tokens: Tokens, constraints: ConstraintStore, owner: Callable[[str], str | None]) -> None:
        super().__init__(tokens)
        self._constraints = constraints
        self._owner = owner

    @route("PUT", INSTANCE)
    def put_instance(self, request: ApiRequest, instance_id: str) -> Answer:
        """Set the constraint of an instance."""
        body = self._body(request, self._constraints.instance(instance_id))
        if not request.caller.is_admin:
            try:
                owner = self._owner(instance_id)
            except SDKException as error:
                raise HttpError(503, f"Nova does not tell whose the instance is: {error}") from error
            if owner is not None:
                self.must_own(request, owner)
        return _taken(self._constraints.put_instance, instance_id, body)

    @route("GET", INSTANCE)
    def show_instance(self, request: ApiRequest, instance_id: str) -> Answer:
        """The constraint of an instance."""
        return self._own(request, self._constraints.instance(instance_id), "instance").model_dump(mode="json")

    @route("DELETE", INSTANCE)
    def delete_instance(self, request: ApiRequest, instance_id: str) -> Answer:
        """Remove the constraint of an instance."""
        self._own(request, self._constraints.instance(instance_id), "instance")
        self._constraints.delete_instance(instance_id)
        return {}

    @route("PUT", GROUP)
    def put_group(self, request: ApiRequest, group_id: str) -> Answer:
        """Set the constraint of a group."""
        body = self._body(request, self._constraints.group(group_id))
        return _taken(self._constraints.put_group, group_id, body)

    @route("GET", GROUP)
    def show_group(self, request: ApiRequest, group_id: str) -> Answer:
        """The constraint of a group."""
        return self._own(request, self._constraints.group(group_id), "instance group").model_dump(mode="json")

    @route("DELETE", GROUP)
    def delete_group(self, request: ApiRequest, group_id: str) -> Answer:
        """Remove the constraint of a group."""
        self._own(request, self._constraints.group(group_id), "instance group")
        self._constraints.delete_group(group_id)
        return {}

    def _body(self, request: ApiRequest, present: InstanceConstraint | GroupConstraint | None) -> dict[str, Any]:
        """The request's body, if it is about something of the caller's own."""
        if present is not None:
            self.must_own(request, present.project_id, or_admin=True)
        body = request.json_object()
        # A client that leaves it out speaks for itself.
        body.setdefault("project_id", request.caller.project_id)
        self.must_own(request, body["project_id"], or_admin=True)
        return body

    def _own(self, request: ApiRequest, found: BaseModel | None, what: str) -> BaseModel:
        if not isinstance(found, InstanceConstraint | GroupConstraint):
            raise HttpError(404, f"Invalid {what}")
        self.must_own(request, found.project_id, or_admin=True)
        return found


def _taken(put: Callable[[str, dict[str, Any]], BaseModel], key: str, body: dict[str, Any]) -> Answer:
    try:
        return put(key, body).model_dump(mode="json")
    except ValueError as error:
        raise HttpError(400, str(error)) from error
