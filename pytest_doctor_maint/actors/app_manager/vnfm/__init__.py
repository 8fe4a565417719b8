"""The VNFM: an app manager that tells Fenix beforehand what its instances and groups can bear (ETSI NFV FEAT03)."""

from pytest_doctor_maint.actors.app_manager.vnfm.constraints import (
    ConstraintPolicy,
    GroupConstraint,
    InstanceConstraint,
)
from pytest_doctor_maint.actors.app_manager.vnfm.vnfm import Vnfm

__all__ = ["ConstraintPolicy", "GroupConstraint", "InstanceConstraint", "Vnfm"]
