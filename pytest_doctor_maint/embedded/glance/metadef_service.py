"""The base of Glance's routes for metadata definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.glance.metadefs import Definition, Metadefs, Namespace
from pytest_doctor_maint.embedded.glance.service import GlanceService
from pytest_doctor_maint.embedded.glance.times import show_time
from pytest_doctor_maint.embedded.glance.validation import Schema
from pytest_doctor_maint.embedded.service import ServiceRequest

ROOT = "/v2/metadefs"
NAMESPACES = f"{ROOT}/namespaces"


class MetadefService(GlanceService):
    """The base of the routes below ``/v2/metadefs``. As in Glance's default policy, only admins write."""

    @property
    def metadefs(self) -> Metadefs:
        """The catalog."""
        return self.glance.metadefs

    def namespace(self, request: ServiceRequest, name: str) -> Namespace:
        """Return the namespace with this name.

        Raises:
            NotFound: No namespace has this name, or the caller may not see it.
        """
        return self.metadefs.find(name, request.caller)


def own_fields(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a definition without those that are set by the server only."""
    return {name: value for name, value in values.items() if name not in schema.read_only}


def show_with_times(definition: Definition) -> dict[str, Any]:
    """Return a definition with its times, as the API shows it."""
    return {
        **definition.values,
        "created_at": show_time(definition.created_at),
        "updated_at": show_time(definition.updated_at),
    }


def show_object(namespace: Namespace, definition: Definition) -> dict[str, Any]:
    """Return an object as the API shows it."""
    return {
        **show_with_times(definition),
        "self": f"{NAMESPACES}/{namespace.namespace}/objects/{definition.name}",
        "schema": "/v2/schemas/metadefs/object",
    }
