"""The embedded cloud as a whole: all services behind one socket, each below its own path."""

from __future__ import annotations

from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from pytest_doctor_maint.embedded.aodh.models import Aodh
from pytest_doctor_maint.embedded.aodh.routes import AodhApi
from pytest_doctor_maint.embedded.cinder.routes import CinderApi
from pytest_doctor_maint.embedded.core import CloudSettings, Core, Recorder
from pytest_doctor_maint.embedded.glance.models import Glance
from pytest_doctor_maint.embedded.glance.routes import GlanceApi
from pytest_doctor_maint.embedded.keystone.models import Keystone
from pytest_doctor_maint.embedded.keystone.routes import KeystoneApi
from pytest_doctor_maint.embedded.neutron.models import Neutron
from pytest_doctor_maint.embedded.neutron.routes import NeutronApi
from pytest_doctor_maint.embedded.notifications.routes import NotificationsApi
from pytest_doctor_maint.embedded.nova.models import Nova
from pytest_doctor_maint.embedded.nova.routes import NovaApi
from pytest_doctor_maint.embedded.placement.routes import PlacementApi
from pytest_doctor_maint.embedded.service import Service
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpServer
from pytest_doctor_maint.simtime.ids import Ids


class CloudState:
    """The services of an embedded cloud, without a server.

    Args:
        clock: The time of all durations.
        recorder: Records everything that changes on the cloud.
        ids: Draws identifiers.
        settings: The settings of the cloud.

    Attributes:
        core: What the services share.
        keystone: Keystone's state. Scenarios and faults use this and the following attributes; actors never do.
        glance: Glance's state.
        neutron: Neutron's state.
        nova: Nova's state.
        aodh: Aodh's state.
    """

    def __init__(self, clock: Clock, recorder: Recorder, ids: Ids, settings: CloudSettings) -> None:
        self.settings = settings
        self.core = core = Core(clock, recorder, ids, settings.timings)
        self.keystone = Keystone(core, admin_password=settings.admin_password, region=settings.region)
        self.glance = Glance(core, admin_project_id=self.keystone.admin_project_id)
        self.neutron = Neutron(core, self.keystone, hosts=[compute.name for compute in settings.computes])
        self.nova = Nova(core, neutron=self.neutron, glance=self.glance, computes=settings.computes)
        self.aodh = Aodh(core, keystone=self.keystone)

    def services(self) -> dict[str, Service]:
        """Return the services by their paths below the cloud's URL."""
        core, keystone = self.core, self.keystone
        return {
            "/identity": KeystoneApi(core, keystone),
            "/compute": NovaApi(core, keystone, self.nova, max_version=self.settings.compute_max_version),
            "/placement": PlacementApi(core, keystone, self.nova),
            "/networking": NeutronApi(core, keystone, self.neutron),
            "/image": GlanceApi(core, keystone, self.glance),
            "/alarming": AodhApi(core, keystone, self.aodh),
            "/volume": CinderApi(core, keystone),
            "/notifications": NotificationsApi(core, keystone, self.aodh),
        }


class EmbeddedCloud(CloudState):
    """An OpenStack cloud that is served from :meth:`start` to :meth:`stop`.

    Args:
        clock: The time of all durations.
        recorder: Records everything that changes on the cloud.
        ids: Draws identifiers.
        settings: The settings of the cloud.
        host: The address to listen on.
        port: The port to listen on; 0 for a free one.
        public_host: The host in the catalog, where clients use another one than ``host``.

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self,
        clock: Clock,
        recorder: Recorder,
        ids: Ids,
        settings: CloudSettings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_host: str = "",
    ) -> None:
        super().__init__(clock, recorder, ids, settings)
        app = DispatcherMiddleware(NotFound(), {**self.services()})
        self._server = HttpServer(app, name="cloud", clock=clock, host=host, port=port, public_host=public_host)
        self.core.url = self._server.url
        recorder.alias(self._server.url, "cloud")

    @property
    def url(self) -> str:
        """``http://HOST:PORT``."""
        return self.core.url

    @property
    def auth_url(self) -> str:
        """The URL of Keystone, as in ``OS_AUTH_URL``."""
        return f"{self.url}/identity/v3"

    def start(self) -> EmbeddedCloud:
        """Start answering requests."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop answering requests. Operations in progress end when the clock is stopped."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last request handlers; call it when the clock has been stopped."""
        self._server.join()
        self.aodh.close()
