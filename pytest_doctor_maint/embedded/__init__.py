"""An OpenStack cloud in this process, served over HTTP. README.md describes it."""

from pytest_doctor_maint.embedded.cloud import EmbeddedCloud
from pytest_doctor_maint.embedded.core import CloudSettings, ComputeSpec
from pytest_doctor_maint.embedded.timings import Timings

__all__ = ["CloudSettings", "ComputeSpec", "EmbeddedCloud", "Timings"]
