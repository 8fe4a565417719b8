"""The state of the embedded cloud: one object per service, which all see each other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from pytest_doctor_maint.embedded.aodh.models import Aodh
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.timings import Timings
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.ids import Ids


@dataclass(frozen=True, slots=True)
class ComputeSpec:
    """A compute of the cloud to be made. Attributes: its host ``name``, ``vcpus``, ``memory_mb``, ``disk_gb``."""

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


class World:
    """All services' state.

    Threads that clock.spawn() started hold ``lock`` while they read or change it, never across a wait; request handlers
    hold it already, unless their route is marked ``waits``.

    Attributes:
        url: Where the cloud is served (``http://127.0.0.1:PORT``); known once its server is bound.
    """

    def __init__(self, clock: Clock, history: History, ids: Ids, settings: CloudSettings) -> None:
        self.clock = clock
        self.history = history
        self.ids = ids
        self.settings = settings
        self.timings = settings.timings
        self.url = ""
        self.lock = threading.RLock()
        self.keystone = Keystone(self)
        self.glance = Glance(self)
        self.neutron = Neutron(self)
        self.nova = Nova(self)
        self.aodh = Aodh(self)
