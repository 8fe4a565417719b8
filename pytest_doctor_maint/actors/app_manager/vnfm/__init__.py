"""The VNFM: an app manager that sets constraints of its instances and groups with Fenix (ETSI NFV FEAT03)."""

from pytest_doctor_maint.actors.app_manager.vnfm.constraints import (
    ConstraintPolicy,
    GroupConstraint,
    InstanceConstraint,
)
from pytest_doctor_maint.actors.app_manager.vnfm.vnfm import SPEC, Vnfm

__all__ = ["SPEC", "ConstraintPolicy", "GroupConstraint", "InstanceConstraint", "Vnfm"]
