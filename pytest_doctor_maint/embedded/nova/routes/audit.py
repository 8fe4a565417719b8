"""``/os-instance_usage_audit_log``: which computes have audited the usage of the last month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, route


class AuditRoutes(NovaService):
    """The log of an audit that no compute of this cloud makes; Nova's computes do so only if it is configured."""

    @route("GET", "/v2.1/os-instance_usage_audit_log", admin=True)
    def list_audits(self, request: NovaRequest) -> Answer:
        return {"instance_usage_audit_logs": self._audit_log(request.now)}

    @route("GET", "/v2.1/os-instance_usage_audit_log/<before>", admin=True)
    def show_audit(self, request: NovaRequest, before: str) -> Answer:
        try:
            moment = datetime.strptime(before, "%Y-%m-%d %H:%M:%S.%f" if "." in before else "%Y-%m-%d %H:%M:%S")
        except ValueError as error:
            raise Invalid(f"Invalid timestamp for date {before}") from error
        return {"instance_usage_audit_log": self._audit_log(moment)}

    def _audit_log(self, before: datetime) -> dict[str, Any]:
        """Return the log of the last whole month before a moment.

        It has no hosts: Nova looks for them in its API's own cell only, in which no compute is.
        """
        end = before.replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        # There is no month before the first one of the calendar.
        begin = end if end == datetime.min else (end - timedelta(days=1)).replace(day=1)
        return {
            "period_beginning": str(begin),
            "period_ending": str(end),
            "num_hosts": 0,
            "num_hosts_done": 0,
            "num_hosts_running": 0,
            "num_hosts_not_run": 0,
            "hosts_not_run": [],
            "total_instances": 0,
            "total_errors": 0,
            "overall_status": "ALL hosts done. 0 errors.",
            "log": {},
        }
