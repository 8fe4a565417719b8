"""``doctor-maint wait``: wait until a cloud, an admin tool, an app manager or an Inspector answers."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from pytest_doctor_maint.commands.arguments import cloud_name, positive_number
from pytest_doctor_maint.commands.process import say
from pytest_doctor_maint.secret_keys import without_url_secrets

#: The seconds after which the command gives up.
TIMEOUT = 60.0
#: Seconds between two attempts.
_INTERVAL = 0.1
#: Seconds for one request.
_PATIENCE = 5.0


class NotReady(Exception):
    """What is waited for does not answer yet; the message names it and says why."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "wait",
        help="wait until a cloud or an actor answers",
        description="Wait until clouds and actors that were started in the background answer. The exit code is 0 as "
        "soon as all of them answer, and 1 if one does not within the time-out; a line then says which one, and why.",
    )
    parser.add_argument(
        "urls",
        type=_url,
        nargs="*",
        metavar="URL",
        help="wait until a server answers at this URL, in whichever way; use --file for a URL with a secret in it, "
        "since other users of the machine can read a command line",
    )
    parser.add_argument(
        "--os-cloud",
        type=cloud_name,
        action="append",
        default=[],
        metavar="NAME",
        help="wait until clouds.yaml has this cloud, and the cloud accepts the login; may be given several times",
    )
    parser.add_argument(
        "--file",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="wait until this file has the URL that an actor writes to stdout, and a server answers there; may be "
        "given several times",
    )
    parser.add_argument(
        "--timeout",
        type=positive_number,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"give up after so many seconds (default: {TIMEOUT:g})",
    )
    parser.set_defaults(run=lambda options: _run(options, parser))


def _run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    awaited: list[Callable[[], None]] = [
        *(partial(reach_cloud, name) for name in options.os_cloud),
        *(partial(reach_url, url) for url in options.urls),
        *(partial(reach_url_in, path) for path in options.file),
    ]
    if not awaited:
        parser.error("nothing to wait for; allowed: one of URL, --os-cloud and --file at least")
    try:
        wait_for(awaited, options.timeout)
    except NotReady as error:
        say(f"doctor-maint wait: {error} (waited for {options.timeout:g} s)")
        return 1
    return 0


def wait_for(awaited: list[Callable[[], None]], timeout: float) -> None:
    """Call each function until it raises no :class:`NotReady` any more.

    Args:
        awaited: The functions. Each is called once at least.
        timeout: Seconds for all of them.

    Raises:
        NotReady: One of them still raises when the time is over.
    """
    end = time.monotonic() + timeout
    for attempt in awaited:
        while True:
            try:
                attempt()
                break
            except NotReady:
                if time.monotonic() >= end:
                    raise
            time.sleep(_INTERVAL)


def reach_cloud(name: str) -> None:
    """Log in to a cloud of clouds.yaml, which is read again each time.

    Raises:
        NotReady: There is no such cloud, or it does not accept the login.
    """
    # These imports take a second, which --help does not need.
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    from pytest_doctor_maint.openstack.connection import UnknownCloud, connect_named, disconnect
    from pytest_doctor_maint.simtime.clock import WallClock

    try:
        connection = connect_named(WallClock(), name)
    except UnknownCloud as error:
        raise NotReady(str(error)) from error
    try:
        connection.session.get_project_id()
    except (SDKException, ClientException, OSError) as error:
        # An OSError: a certificate file that clouds.yaml names does not exist.
        raise NotReady(f"the cloud {name} does not accept the login: {error}") from error
    finally:
        disconnect(connection)


def reach_url(url: str) -> None:
    """Send a request to a URL. Any answer will do: an actor refuses GET where it takes alarms.

    Raises:
        NotReady: There is no answer.
    """
    import requests

    with requests.Session() as session:
        # As for the actors, proxies of the machine are ignored.
        session.trust_env = False
        try:
            session.get(url, timeout=_PATIENCE, allow_redirects=False, stream=True).close()
        except requests.RequestException as error:
            raise NotReady(f"nothing answers at {without_url_secrets(url)}: {type(error).__name__}") from error


def reach_url_in(path: Path) -> None:
    """Send a request to the URL that is the last whole line of a file.

    Raises:
        NotReady: The file has no URL yet, or nothing answers there.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise NotReady(f"{path} cannot be read: {error.strerror or error}") from error
    urls = [line.strip() for line in text.splitlines(keepends=True) if line.endswith("\n") and _is_url(line.strip())]
    if not urls:
        raise NotReady(f"{path} has no line with a URL")
    reach_url(urls[-1])


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _url(text: str) -> str:
    if not _is_url(text):
        raise argparse.ArgumentTypeError("must be a URL such as http://127.0.0.1:12347/v1")
    return text
