"""Aodh's HTTP API, version 2."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from werkzeug.wrappers import Response

from pytest_doctor_maint.embedded.aodh.alarm import STATES, Alarm, Owner
from pytest_doctor_maint.embedded.aodh.definition import Definition, read_definition
from pytest_doctor_maint.embedded.aodh.errors import Forbidden, Invalid, NotAuthorized, OverQuota
from pytest_doctor_maint.embedded.aodh.expressions import ALARM_FIELDS, CHANGE_FIELDS, complex_query
from pytest_doctor_maint.embedded.aodh.fields import Fields
from pytest_doctor_maint.embedded.aodh.models import UNLIMITED, Aodh
from pytest_doctor_maint.embedded.aodh.queries import (
    ALARM_SORT_KEYS,
    CHANGE_SORT_KEYS,
    matching_alarms,
    matching_changes,
    read_conditions,
    read_page,
)
from pytest_doctor_maint.embedded.caller import Caller
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer, ErrorAnswer, HttpError, route
from pytest_doctor_maint.simtime.nesting import parse_json

_READ_ONLY = frozenset({"reader"})


class AodhApi(Service):
    """Aodh's HTTP API. Errors have Aodh's form: ``{"error_message": {"debuginfo", "faultcode", "faultstring"}}``."""

    kind = "alarming"
    errors: ClassVar[Mapping[type[Exception], ErrorAnswer]] = {
        Invalid: 400,
        NotAuthorized: 401,
        Forbidden: 403,
        OverQuota: 403,
    }

    def __init__(self, core: Core, keystone: Authenticator, aodh: Aodh) -> None:
        super().__init__(core, keystone)
        self.aodh = aodh

    def error_body(self, error: HttpError) -> Any:
        code = "Client" if error.status < 500 else "Server"
        return {"error_message": {"debuginfo": None, "faultcode": code, "faultstring": error.message}}

    def forbidden(self, request: ServiceRequest) -> HttpError:
        return HttpError(403, str(Forbidden()))

    # -- versions ------------------------------------------------------------------------------------------------------

    @route("GET", "/", public=True)
    def versions(self, request: ServiceRequest) -> Answer:
        """Return the versions of the API."""
        media = "application/vnd.openstack.telemetry-v2"
        version = {
            "id": "v2",
            "links": [
                {"href": f"{request.root_url.rstrip('/')}/v2", "rel": "self"},
                {"href": "https://docs.openstack.org/", "rel": "describedby", "type": "text/html"},
            ],
            "media-types": [
                {"base": "application/json", "type": f"{media}+json"},
                {"base": "application/xml", "type": f"{media}+xml"},
            ],
            "status": "stable",
            "updated": "2013-02-13T00:00:00Z",
        }
        return {"versions": {"values": [version]}}

    @route("GET", "/v2/capabilities", role="")
    def capabilities(self, request: ServiceRequest) -> Answer:
        """Return the optional features that this Aodh has."""
        kinds = ("alarms:history:query:complex", "alarms:history:query:simple", "alarms:query:complex")
        return {
            "api": dict.fromkeys((*kinds, "alarms:query:simple"), True),
            "alarm_storage": {"storage:production_ready": True},
        }

    # -- alarms --------------------------------------------------------------------------------------------------------

    @route("GET", "/v2/alarms")
    def list_alarms(self, request: ServiceRequest) -> Answer:
        """List the alarms of the caller's project; admins may ask for those of another project, or of all."""
        conditions = read_conditions(request.args)
        alarms = matching_alarms(list(self.aodh.alarms.values()), conditions, request.caller)
        page = read_page(request.args, ALARM_SORT_KEYS)
        return [alarm.as_dict() for alarm in page.of(alarms, lambda alarm: alarm.alarm_id)]

    @route("POST", "/v2/alarms")
    def create_alarm(self, request: ServiceRequest) -> Answer:
        """Create an alarm. Only admins may create one for another project or user."""
        self._may_write(request)
        caller = request.caller
        definition = read_definition(self._body(request), is_admin=caller.is_admin)
        alarm = self.aodh.create(definition.settings, _owner(definition, caller), caller)
        return 201, alarm.as_dict(), {"Location": f"{request.root_path}/v2/alarms/{alarm.alarm_id}"}

    @route("GET", "/v2/alarms/<alarm_id>")
    def show_alarm(self, request: ServiceRequest, alarm_id: str) -> Answer:
        """Return an alarm."""
        return self._alarm(request, alarm_id).as_dict()

    @route("PUT", "/v2/alarms/<alarm_id>")
    def update_alarm(self, request: ServiceRequest, alarm_id: str) -> Answer:
        """Replace an alarm's definition; fields that are left out get their defaults. Only admins change the owner."""
        self._may_write(request)
        alarm, caller = self._alarm(request, alarm_id), request.caller
        definition = read_definition(self._body(request), is_admin=caller.is_admin)
        owner = Owner(caller.project_id, caller.user_id)
        if caller.is_admin:
            project_id = alarm.project_id if definition.project_id is None else definition.project_id
            owner = Owner(project_id, alarm.user_id if definition.user_id is None else definition.user_id)
        return self.aodh.update(alarm, definition.settings, owner, caller).as_dict()

    @route("DELETE", "/v2/alarms/<alarm_id>")
    def delete_alarm(self, request: ServiceRequest, alarm_id: str) -> Answer:
        """Delete an alarm."""
        self._may_write(request)
        self.aodh.delete(self._alarm(request, alarm_id))
        return None

    @route("GET", "/v2/alarms/<alarm_id>/state")
    def show_state(self, request: ServiceRequest, alarm_id: str) -> Answer:
        """Return an alarm's state, as a JSON string."""
        return _json(self._alarm(request, alarm_id).state)

    @route("PUT", "/v2/alarms/<alarm_id>/state")
    def set_state(self, request: ServiceRequest, alarm_id: str) -> Answer:
        """Set an alarm's state by hand; the body is the state as a JSON string."""
        self._may_write(request)
        alarm = self._alarm(request, alarm_id)
        state = self._body(request)
        if state not in STATES:
            raise Invalid(f"state invalid: {state!r}; allowed are {', '.join(STATES)}")
        return _json(self.aodh.set_state(alarm, state, request.caller).state)

    @route("GET", "/v2/alarms/<alarm_id>/history")
    def show_history(self, request: ServiceRequest, alarm_id: str) -> Answer:
        """List the changes of an alarm, the latest first."""
        self._alarm(request, alarm_id)
        conditions = read_conditions(request.args)
        changes = [change for change in self.aodh.changes if change.alarm_id == alarm_id]
        page = read_page(request.args, CHANGE_SORT_KEYS)
        found = matching_changes(changes, conditions, request.caller)
        return [change.as_dict() for change in page.of(found, lambda change: change.event_id)]

    # -- complex queries -----------------------------------------------------------------------------------------------
    # Expressions take time and can have patterns: they are evaluated without the lock.

    @route("POST", "/v2/query/alarms", role="reader", waits=True)
    def query_alarms(self, request: ServiceRequest) -> Answer:
        """List the alarms that a filter expression matches."""
        with self.core.lock:
            alarms = list(self.aodh.alarms.values())
        found = complex_query(alarms, self._body(request), request.caller, ALARM_FIELDS, "project_id")
        return [alarm.as_dict() for alarm in found]

    @route("POST", "/v2/query/alarms/history", role="reader", waits=True)
    def query_history(self, request: ServiceRequest) -> Answer:
        """List the changes of alarms that a filter expression matches, those of deleted alarms included."""
        with self.core.lock:
            changes = list(self.aodh.changes)
        found = complex_query(changes, self._body(request), request.caller, CHANGE_FIELDS, "on_behalf_of")
        return [change.as_dict() for change in found]

    # -- quotas --------------------------------------------------------------------------------------------------------

    @route("GET", "/v2/quotas")
    def show_quotas(self, request: ServiceRequest) -> Answer:
        """Return the quotas of the caller's project; admins may ask for those of another."""
        project_id = request.args.get("project_id") or request.caller.project_id
        if not request.caller.is_admin and project_id != request.caller.project_id:
            raise Forbidden
        limit = self.aodh.quotas.get(project_id, UNLIMITED)
        return {"project_id": project_id, "quotas": [{"resource": "alarms", "limit": limit}]}

    @route("POST", "/v2/quotas", admin=True)
    def set_quotas(self, request: ServiceRequest) -> Answer:
        """Set the quotas of a project."""
        fields = Fields(self._body(request))
        fields.only(("project_id", "quotas"))
        project_id = fields.text("project_id")
        limits = []
        for quota in fields.objects("quotas"):
            quota.only(("resource", "limit"))
            quota.choice("resource", ("alarms",))
            limits.append(quota.integer("limit", least=UNLIMITED))
        for limit in limits:
            self.aodh.quotas[project_id] = limit
        quotas = [{"resource": "alarms", "limit": self.aodh.quotas.get(project_id, UNLIMITED)}]
        return 201, {"project_id": project_id, "quotas": quotas}

    @route("DELETE", "/v2/quotas/<project_id>", admin=True)
    def delete_quotas(self, request: ServiceRequest, project_id: str) -> Answer:
        """Reset a project's quotas to their default."""
        self.aodh.quotas.pop(project_id, None)
        return None

    @route("GET", "/v2/metrics")
    def metrics(self, request: ServiceRequest) -> Answer:
        """Return counters of evaluations, which are disabled in Aodh's default configuration."""
        raise HttpError(403, "metrics endpoint is disabled")

    # -- helpers -------------------------------------------------------------------------------------------------------

    def _alarm(self, request: ServiceRequest, alarm_id: str) -> Alarm:
        """Return the alarm with this id; 404 if it belongs to another project and the caller is not an admin."""
        alarm = self.aodh.alarms.get(alarm_id)
        caller = request.caller
        if alarm is None or not (caller.is_admin or alarm.project_id == caller.project_id):
            raise HttpError(404, f"Alarm {alarm_id} not found")
        return alarm

    def _may_write(self, request: ServiceRequest) -> None:
        if request.caller.roles <= _READ_ONLY:
            raise Forbidden

    def _body(self, request: ServiceRequest) -> Any:
        try:
            return parse_json(request.get_data())
        except ValueError as error:
            raise Invalid(f"The body is not JSON: {error}") from error


def _json(value: str) -> Response:
    return Response(json.dumps(value), content_type="application/json")


def _owner(definition: Definition, caller: Caller) -> Owner:
    """Return the owner of a new alarm, which is the caller unless the definition names another one.

    Raises:
        NotAuthorized: The definition names another owner, and the caller is not an admin.
    """
    wanted = (("user", definition.user_id, caller.user_id), ("project", definition.project_id, caller.project_id))
    for aspect, named, own in wanted:
        if named not in (None, own) and not caller.is_admin:
            raise NotAuthorized(f"Not Authorized to access {aspect} {named}")
    return Owner(
        caller.project_id if definition.project_id is None else definition.project_id,
        caller.user_id if definition.user_id is None else definition.user_id,
    )
