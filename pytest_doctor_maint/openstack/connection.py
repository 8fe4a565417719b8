"""The connection through which actors use OpenStack: openstacksdk on the HTTP session of the clock."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pytest_doctor_maint.openstack.redaction import keep_secrets_out_of_the_log
from pytest_doctor_maint.refusal import Refusal
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpSession

if TYPE_CHECKING:
    from keystoneauth1.plugin import BaseAuthPlugin
    from openstack.config.cloud_region import CloudRegion
    from openstack.connection import Connection

#: Nova's microversion in every call that does not name its own. From 2.53 on services have UUIDs, from 2.64 on a server
#: group has one policy; up to 2.87 hypervisors report their VCPUs. 2.79 is also the last one that Fenix can read.
COMPUTE_MICROVERSION = "2.79"


class UnknownCloud(Refusal, LookupError):
    """A cloud that is in no clouds.yaml, or whose entry cannot be used; the text says which files were read."""


def connect(
    clock: Clock,
    *,
    auth_url: str,
    username: str,
    password: str,
    project_name: str,
    region: str = "RegionOne",
    domain: str = "Default",
) -> Connection:
    """Return a connection to an OpenStack cloud as ``username`` in ``project_name``.

    Nothing is requested before the first call. The environment and clouds.yaml are not read. openstacksdk's own
    ``wait_for_…`` sleep on the machine's clock and fail in simulated time;
    :mod:`pytest_doctor_maint.openstack.waiters` waits on the clock of the run.

    The connection belongs to one actor; it is closed with :func:`disconnect`.

    Args:
        clock: Requests are made in the time of this clock.
        auth_url: Keystone's URL with its version (``http://HOST:PORT/identity/v3``).
        username: The user.
        password: The password of the user.
        project_name: The project of the token's scope.
        region: The region of the endpoints to use.
        domain: The name of the domain of both the user and the project.
    """
    # openstacksdk takes half a second to import; a test run that never connects must not pay for it.
    from keystoneauth1 import session as keystone_session
    from keystoneauth1.identity import v3
    from openstack.connection import Connection

    from pytest_doctor_maint.openstack.token_data import read_tokens_once

    auth = v3.Password(
        auth_url=auth_url,
        username=username,
        password=password,
        project_name=project_name,
        user_domain_name=domain,
        project_domain_name=domain,
    )
    read_tokens_once(auth)
    keep_secrets_out_of_the_log()
    # Without a user agent keystoneauth searches the stack of callers for one.
    session = keystone_session.Session(auth=auth, session=HttpSession(clock), user_agent="doctor-maint")
    return _with_quick_names(
        Connection(
            session=session,
            region_name=region,
            compute_default_microversion=COMPUTE_MICROVERSION,
        )
    )


def cloud_region(name: str) -> CloudRegion:
    """Return the cloud ``name`` of clouds.yaml, found where openstacksdk looks (``OS_CLIENT_CONFIG_FILE`` and others).

    Raises:
        UnknownCloud: There is no such cloud.
    """
    from openstack.config import OpenStackConfig
    from openstack.exceptions import ConfigException

    try:
        return OpenStackConfig().get_one(cloud=name)
    except ConfigException as error:
        raise UnknownCloud(f"no clouds.yaml has the cloud {name!r}: {error}") from error


def connect_named(clock: Clock, name: str, *, login: tuple[str, str, str] | None = None) -> Connection:
    """Return a connection to the cloud ``name`` of clouds.yaml: as the entry says, or as another user.

    The endpoints, regions, certificates and versions of the entry are kept; the HTTP session is that of the clock. The
    connection is closed with :func:`disconnect`.

    There is no way to use the entry's own login for another project: Keystone refuses that for the logins that are
    made for one project (application credentials, tokens of trusts).

    Args:
        clock: Requests are made in the time of this clock.
        name: The cloud.
        login: The ids of a project and of a user who holds a role there, and the user's password, in place of the
            entry's login.

    Raises:
        UnknownCloud: There is no such cloud, or its entry has no valid login.
    """
    from keystoneauth1 import session as keystone_session
    from keystoneauth1.exceptions import ClientException
    from openstack.config.cloud_region import CloudRegion
    from openstack.connection import Connection

    region = cloud_region(name)
    config = {**region.config, "compute_default_microversion": COMPUTE_MICROVERSION}
    if login is not None:
        auth_url, (project_id, user_id, password) = region.config["auth"].get("auth_url"), login
        config["auth_type"] = "password"
        config["auth"] = {"auth_url": auth_url, "project_id": project_id, "user_id": user_id, "password": password}
    try:
        auth = _auth(region, config)
    except ClientException as error:
        raise UnknownCloud(f"the cloud {name!r} of clouds.yaml has no valid login: {error}") from error
    verify, cert = region.get_requests_verify_args()
    keep_secrets_out_of_the_log()
    session = keystone_session.Session(
        auth=auth, session=HttpSession(clock), verify=verify, cert=cert, user_agent="doctor-maint"
    )
    return _with_quick_names(Connection(config=CloudRegion(name=name, session=session, config=config)))


def _with_quick_names(connection: Connection) -> Connection:
    """Let ``connection`` look up each name of a service once, and return it.

    openstacksdk looks up some thirty names for each service, and for each of them its library makes a deep copy of the
    table of all services, which takes a tenth of the time of a run on the embedded cloud.
    """
    # openstacksdk has no parameter for this. Where it has no such attribute, the lookups only take longer.
    names: Any = getattr(connection.config, "_service_type_manager", None)
    if names is not None:
        names.get_all_types = cache(names.get_all_types)
    return connection


def _auth(region: CloudRegion, config: dict[str, Any]) -> BaseAuthPlugin | None:
    """Return the authentication plug-in for ``config``."""
    from keystoneauth1 import loading

    if config["auth"] == region.config["auth"]:
        return region.get_auth()
    loader: Any = loading.get_plugin_loader(config["auth_type"])
    known = {option.dest for option in loader.get_options()}
    plugin: BaseAuthPlugin = loader.load_from_options(
        **{key: value for key, value in config["auth"].items() if key in known}
    )
    return plugin


def disconnect(connection: Connection) -> None:
    """Close the sockets of ``connection``. A connection that is used again opens new ones."""
    connection.close()
    # openstacksdk does not close a session that it did not create.
    connection.session.session.close()
