"""The connection through which actors use OpenStack: openstacksdk on the clock's own HTTP session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_doctor_maint.clock import Clock
from pytest_doctor_maint.net import Session

if TYPE_CHECKING:
    from openstack.connection import Connection

#: Nova's microversion in every call that does not name its own. From 2.53 on services go by id, from 2.64 on a server
#: group has one policy; up to 2.87 hypervisors tell their VCPUs. 2.79 is also the last one that Fenix can read.
COMPUTE_MICROVERSION = "2.79"


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
    """Connect to an OpenStack cloud as ``username`` in ``project_name``. Nothing is requested before the first call.

    The environment and clouds.yaml are not read. openstacksdk's own ``wait_for_…`` sleep on the machine's clock and
    fail in simulated time; :mod:`pytest_doctor_maint.cloud.waiters` waits on ours.

    It is one actor's, and goes back with :func:`disconnect`.

    Args:
        clock: Requests are made in its time.
        auth_url: Keystone's URL with its version (``http://HOST:PORT/identity/v3``).
        username: The user.
        password: Its password.
        project_name: The project of the token's scope.
        region: The region of the endpoints to use.
        domain: The name of the domain of both the user and the project.
    """
    # openstacksdk takes half a second to import; a test run that never connects does not pay for it.
    from keystoneauth1 import session as keystone_session
    from keystoneauth1.identity import v3
    from openstack.connection import Connection

    auth = v3.Password(
        auth_url=auth_url,
        username=username,
        password=password,
        project_name=project_name,
        user_domain_name=domain,
        project_domain_name=domain,
    )
    # Without a name of its own keystoneauth searches the stack of callers for one.
    session = keystone_session.Session(auth=auth, session=Session(clock), user_agent="doctor-maint")
    return Connection(
        session=session,
        region_name=region,
        compute_default_microversion=COMPUTE_MICROVERSION,
    )


def disconnect(connection: Connection) -> None:
    """Give the sockets of ``connection`` back. It opens new ones if it is used again."""
    connection.close()
    # openstacksdk leaves a session alone that it did not make.
    connection.session.session.close()
