"""The embedded cloud as a whole: its services behind one socket, each under its own path."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from pytest_doctor_maint.embedded.aodh.routes import AodhApi
from pytest_doctor_maint.embedded.glance.routes import GlanceApi
from pytest_doctor_maint.embedded.keystone.routes import KeystoneApi
from pytest_doctor_maint.embedded.neutron.routes import NeutronApi
from pytest_doctor_maint.embedded.notifications.routes import NotificationsApi
from pytest_doctor_maint.embedded.nova.routes import NovaApi
from pytest_doctor_maint.embedded.placement.routes import PlacementApi
from pytest_doctor_maint.embedded.service import Service
from pytest_doctor_maint.embedded.world import CloudSettings, World
from pytest_doctor_maint.history import History
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpServer
from pytest_doctor_maint.simtime.ids import Ids

#: Where each service is found below the cloud's URL.
PATHS: Mapping[str, type[Service]] = {
    "/identity": KeystoneApi,
    "/compute": NovaApi,
    "/placement": PlacementApi,
    "/networking": NeutronApi,
    "/image": GlanceApi,
    "/alarming": AodhApi,
    "/notifications": NotificationsApi,
}


class EmbeddedCloud:
    """An OpenStack cloud, served from :meth:`start` to :meth:`stop`.

    Args:
        clock: All durations are in its time.
        history: Everything that changes on the cloud is recorded here.
        ids: Where identifiers come from.
        settings: What the cloud is made of.
        host: The address to listen on.
        port: The port; 0 takes a free one.

    Attributes:
        world: The state behind the services; scenarios and the nemesis reach in here, actors never do.

    Raises:
        OSError: The address cannot be bound.
    """

    def __init__(
        self,
        clock: Clock,
        history: History,
        ids: Ids,
        settings: CloudSettings,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.world = World(clock, history, ids, settings)
        app = DispatcherMiddleware(NotFound(), {path: service(self.world) for path, service in PATHS.items()})
        self._server = HttpServer(app, name="cloud", clock=clock, host=host, port=port)
        self.world.url = self._server.url
        history.alias(self._server.url, "cloud")

    @property
    def url(self) -> str:
        """``http://HOST:PORT``."""
        return self.world.url

    @property
    def auth_url(self) -> str:
        """Keystone's URL, as in ``OS_AUTH_URL``."""
        return f"{self.url}/identity/v3"

    def start(self) -> EmbeddedCloud:
        """Begin to answer."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Answer no more. Operations under way end when the clock is stopped."""
        self._server.stop()

    def join(self) -> None:
        """Wait for the last handlers, after the clock was stopped."""
        self._server.join()
        self.world.aodh.close()
