"""The base of Neutron's routes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.neutron.attributes import Record
from pytest_doctor_maint.embedded.neutron.collection import Collection
from pytest_doctor_maint.embedded.neutron.errors import NeutronError, malformed, not_found
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.service import Authenticator, Service, ServiceRequest
from pytest_doctor_maint.simtime.http import Answer


class NeutronService(Service):
    """The base of Neutron's routes.

    Attributes:
        neutron: Neutron's state.
    """

    kind = "network"
    # Any token may list; the collections show to each what it may see.
    reading_role = ""

    def __init__(self, core: Core, keystone: Authenticator, neutron: Neutron) -> None:
        super().__init__(core, keystone)
        self.neutron = neutron
        self.choices = {"path": [collection.kind.collection for collection in neutron.collections]}

    def dispatch(
        self,
        request: ServiceRequest,
        handler: Callable[..., Answer],
        options: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> Answer:
        """Call the handler; a request that is refused leaves everything as it was."""
        if options.get("waits"):
            return super().dispatch(request, handler, options, values)
        with self.core.lock, self.neutron.all_or_nothing():
            return super().dispatch(request, handler, options, values)

    def collection(self, path: str) -> Collection:
        """Return the collection with this path.

        Raises:
            NeutronError: 404, no collection has this path.
        """
        for collection in self.neutron.collections:
            if collection.kind.collection == path:
                return collection
        raise resource_not_found()


def resource_not_found() -> NeutronError:
    """Return the error for a path that the API does not have."""
    return not_found("HTTPNotFound", "The resource could not be found.")


def check_revision(request: ServiceRequest, record: Record) -> None:
    """Check the condition ``If-Match: revision_number=N`` of a request, if it has one.

    Raises:
        NeutronError: 400, the condition names no revision number; 412, the resource has another one.
    """
    header = request.headers.get("If-Match")
    if header is None:
        return
    named = re.fullmatch(r'\s*"?revision_number="?([0-9]{1,18})"?\s*', header)
    if named is None:
        raise malformed(f"Invalid If-Match value: {header}")
    if int(named[1]) != record.get("revision_number"):
        raise NeutronError(
            412,
            "RevisionNumberConstraintFailed",
            f"Constrained to {named[1]}, but current revision is {record.get('revision_number')}",
        )
