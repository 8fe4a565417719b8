"""An OpenStack in this process, served over real HTTP."""

from pytest_doctor_maint.cloud.embedded.cloud import EmbeddedCloud
from pytest_doctor_maint.cloud.embedded.timings import Timings
from pytest_doctor_maint.cloud.embedded.world import CloudSettings, ComputeSpec

__all__ = ["CloudSettings", "ComputeSpec", "EmbeddedCloud", "Timings"]
