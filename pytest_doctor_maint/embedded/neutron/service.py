"""What Neutron's routes share."""

from __future__ import annotations

from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.service import Authenticator, Service


class NeutronService(Service):
    """The base of Neutron's routes.

    Attributes:
        neutron: Neutron's state.
    """

    def __init__(self, core: Core, keystone: Authenticator, neutron: Neutron) -> None:
        super().__init__(core, keystone)
        self.neutron = neutron
        self.choices = {"path": [collection.kind.collection for collection in neutron.collections]}
