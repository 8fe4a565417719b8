"""What all services of the embedded cloud share."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pytest_doctor_maint.embedded.timings import Timings
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids


class Recorder(Protocol):
    """Where the cloud reports what changes on it. A history satisfies this protocol."""

    def append(self, actor: str, kind: str, data: Mapping[str, Any]) -> object:
        """Record that `actor` (``nova``, ``neutron``, ``aodh``) changed something.

        Args:
            actor: The service that reports.
            kind: A name of :mod:`pytest_doctor_maint.embedded.events`.
            data: The state from now on, as JSON.
        """

    def alias(self, base_url: str, name: str) -> None:
        """From now on record ``http://NAME`` in place of `base_url`, whose port differs from run to run."""


@dataclass(frozen=True, slots=True)
class ComputeSpec:
    """A compute of the cloud to be made.

    Attributes:
        name: Its host name.
        vcpus: Its VCPUs.
        memory_mb: Its memory in MiB.
        disk_gb: Its disk in GiB.
    """

    name: str
    vcpus: int = 2
    memory_mb: int = 65536
    disk_gb: int = 1024


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """What an embedded cloud is made of.

    Attributes:
        computes: Its computes.
        timings: How long operations take.
        admin_password: The password of the user ``admin``.
        region: The name of its one region.
        compute_max_version: Nova's highest microversion. Fenix needs one up to 2.87.
    """

    computes: Sequence[ComputeSpec] = ()
    timings: Timings = field(default_factory=Timings)
    admin_password: str = field(default="admin", repr=False)
    region: str = "RegionOne"
    compute_max_version: str = "2.96"


@dataclass(slots=True)
class Core:
    """What every service gets: time, identifiers, the lock, and where changes are reported.

    Threads that ``clock.spawn()`` started hold `lock` while they read or change the state of a service, and never
    across a wait. Request handlers hold it already, unless their route is marked ``waits``.

    Attributes:
        clock: All durations are in its time.
        recorder: Gets every change of the cloud.
        ids: Where identifiers come from.
        timings: How long operations take.
        lock: Guards the state of all services.
        url: Where the cloud is served (``http://127.0.0.1:PORT``). It is known once the cloud's server is bound.
    """

    clock: Clock
    recorder: Recorder
    ids: Ids
    timings: Timings
    lock: threading.RLock = field(default_factory=threading.RLock)
    url: str = ""
