"""``/allocations`` and ``/usages``: what consumers hold, and the sums by project."""

from __future__ import annotations

from typing import Any

from pytest_doctor_maint.embedded.nova.server import Server
from pytest_doctor_maint.embedded.placement.providers import allocations, amounts
from pytest_doctor_maint.embedded.placement.query import check_known
from pytest_doctor_maint.embedded.placement.service import GENERATION, PlacementRequest, PlacementService
from pytest_doctor_maint.simtime.http import Answer, HttpError, route


class AllocationRoutes(PlacementService):
    """``/allocations`` and ``/usages``."""

    @route("GET", "/allocations/<consumer_id>")
    def show_allocations(self, request: PlacementRequest, consumer_id: str) -> Answer:
        held = allocations(self.nova, consumer_id)
        body: dict[str, Any] = {
            "allocations": {
                compute.uuid: {"generation": GENERATION, "resources": amounts(allocation)}
                for compute, allocation in held
            }
        }
        if held and request.version >= (1, 12):
            server = self.nova.servers[held[0][1].server_id]
            body["project_id"], body["user_id"] = server.project_id, server.user_id
            if request.version >= (1, 28):
                body["consumer_generation"] = GENERATION
            if request.version >= (1, 38):
                body["consumer_type"] = _consumer_type(consumer_id, server)
        return body

    @route("GET", "/usages", min=(1, 9))
    def show_usages(self, request: PlacementRequest) -> Answer:
        args, typed = request.args, request.version >= (1, 38)
        check_known(args, ("project_id", "user_id", *(("consumer_type",) if typed else ())))
        if not args.get("project_id"):
            raise HttpError(400, "Invalid query string parameters: 'project_id' is a required property")
        kind = args.get("consumer_type")
        found: dict[str, dict[str, int]] = {}
        consumers: dict[str, set[str]] = {}
        for server in self.nova.servers.values():
            if server.project_id != args["project_id"] or args.get("user_id") not in (None, server.user_id):
                continue
            for allocation in server.allocations:
                consumer_type = _consumer_type(allocation.consumer_id, server)
                if kind not in (None, "all", consumer_type):
                    continue
                group = "all" if kind == "all" else consumer_type
                total = found.setdefault(group, {})
                consumers.setdefault(group, set()).add(allocation.consumer_id)
                for name, amount in amounts(allocation).items():
                    total[name] = total.get(name, 0) + amount
        if typed:
            return {"usages": {name: {**used, "consumer_count": len(consumers[name])} for name, used in found.items()}}
        totals: dict[str, int] = {}
        for used in found.values():
            for name, amount in used.items():
                totals[name] = totals.get(name, 0) + amount
        return {"usages": totals}


def _consumer_type(consumer_id: str, server: Server) -> str:
    return "INSTANCE" if consumer_id == server.id else "MIGRATION"
