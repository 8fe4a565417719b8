"""The parts that all services share: the clock, the recorder, identifiers, durations and the lock."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pytest_doctor_maint.embedded.timings import Timings
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids


class Recorder(Protocol):
    """Records what changes on the cloud. A history satisfies this protocol."""

    def append(self, actor: str, kind: str, data: Mapping[str, Any]) -> object:
        """Record a change.

        Args:
            actor: The service that makes the change (``nova``, ``neutron``, ``aodh``).
            kind: A name of :mod:`pytest_doctor_maint.embedded.events`.
            data: The new state, as JSON.
        """

    def alias(self, base_url: str, name: str) -> None:
        """Record ``http://NAME`` from now on in place of `base_url`, whose port differs from run to run."""


@dataclass(frozen=True, slots=True)
class ComputeSpec:
    """A compute of a new cloud.

    Attributes:
        name: The host name.
        vcpus: The number of VCPUs.
        memory_mb: The memory in MiB.
        disk_gb: The disk in GiB.
    """

    name: str
    vcpus: int = 2
    memory_mb: int = 65536
    disk_gb: int = 1024


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """The settings of a new cloud.

    Attributes:
        computes: The computes.
        timings: How long operations take.
        admin_password: The password of the user ``admin``.
        region: The name of the only region.
        compute_max_version: The highest microversion of Nova. Fenix works with 2.87 and below.
    """

    computes: Sequence[ComputeSpec] = ()
    timings: Timings = field(default_factory=Timings)
    admin_password: str = field(default="admin", repr=False)
    region: str = "RegionOne"
    compute_max_version: str = "2.96"


@dataclass(slots=True)
class Core:
    """The parts that every service gets.

    Threads started by ``clock.spawn()`` hold `lock` while they read or change the state of a service, and never while
    they wait. Request handlers already hold it, unless their route is marked ``waits``.

    Attributes:
        clock: The time of all durations.
        recorder: Records every change of the cloud.
        ids: Draws identifiers.
        timings: How long operations take.
        lock: Guards the state of all services.
        url: The URL of the cloud (``http://127.0.0.1:PORT``). It is known when the cloud's server has been bound.
    """

    clock: Clock
    recorder: Recorder
    ids: Ids
    timings: Timings
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""
