"""Resources that the API has removed: they answer 410."""

from __future__ import annotations

from pytest_doctor_maint.embedded.nova.service import NovaRequest, NovaService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route

GONE = ("os-agents", "os-cells", "os-certificates", "os-cloudpipe", "os-fping", "os-virtual-interfaces")
_RULE = f"/v2.1/<any({', '.join(repr(name) for name in GONE)}):resource>"


class GoneRoutes(NovaService):
    """Resources that the API has removed."""

    @route("GET", _RULE, role="")
    @route("POST", _RULE, role="")
    @route("GET", f"{_RULE}/<path:rest>", role="")
    @route("PUT", f"{_RULE}/<path:rest>", role="")
    @route("DELETE", f"{_RULE}/<path:rest>", role="")
    def answer_gone(self, request: NovaRequest, resource: str, rest: str = "") -> Answer:
        """Answer 410 for a resource that the API has removed."""
        raise HttpError(410, "This resource is no longer available. No forwarding address is given.")
