"""A RabbitMQ for tests, with private folders and free ports on 127.0.0.1; it leaves no file and no process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

import pytest

#: Real seconds for the broker to answer or to end.
PATIENCE = 90.0
#: The only user of the broker. Nothing may ever print the password.
USER, PASSWORD = "doctor", "s3cret"
#: The name of Erlang's port mapper, which outlives the broker.
_MAPPER = "epmd"


def free_port() -> int:
    """Return a port on which no server listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def running_broker(home: Path) -> Iterator[str]:
    """Run a broker that writes to a folder of its own only, and yield its URL as oslo.messaging reads it."""
    port, mapper = free_port(), free_port()
    environment = _configuration(home, port, mapper)
    mappers = _processes_called(_MAPPER)
    with (home / "output").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 - the broker of the machine
            [_command()], env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_it_answers(process, port, home / "output")
            yield f"rabbit://{USER}:{PASSWORD}@127.0.0.1:{port}/"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
            for pid in _processes_called(_MAPPER) - mappers:
                if str(mapper) in _environment_of(pid):
                    os.kill(pid, signal.SIGTERM)


def _command() -> str:
    # When root starts the script in /usr/sbin, it starts a system service; the script below does not change the user.
    server = next(iter(sorted(Path("/usr/lib/rabbitmq").glob("lib/*/sbin/rabbitmq-server"))), None)
    command = str(server) if server else shutil.which("rabbitmq-server")
    if command is None:
        pytest.fail("these tests need rabbitmq-server (Debian: apt-get install rabbitmq-server)")
    return command


def _configuration(home: Path, port: int, mapper: int) -> dict[str, str]:
    """Write the files of the broker, and return its environment."""
    (home / "rabbitmq.conf").write_text(f"default_user = {USER}\ndefault_pass = {PASSWORD}\n", encoding="utf-8")
    (home / "advanced.config").write_text("[{kernel,[{inet_dist_use_interface,{127,0,0,1}}]}].\n", encoding="utf-8")
    (home / "enabled_plugins").write_text("[].\n", encoding="utf-8")
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper),
        "RABBITMQ_NODENAME": "doctor-maint@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
    }


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    end = monotonic() + PATIENCE
    while monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1.0) as connection:
                # It accepts connections a little before it answers in AMQP.
                connection.settimeout(2.0)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                if connection.recv(1):
                    return
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
    pytest.fail(f"the broker does not answer: {output.read_text(encoding='utf-8')[-2000:]}")


def _processes_called(name: str) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            if path.read_text(encoding="utf-8").strip() == name:
                found.add(int(path.parent.name))
    return found


def _environment_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


#: The sockets of one connection at the relay: to the client and to the broker.
Pair = tuple[socket.socket, socket.socket]


class Relay:
    """A relay in front of the broker that can break connections or stop answering, without harm to the broker.

    Args:
        broker: The URL of the broker.

    Attributes:
        url: The URL of the broker through the relay.
        pairs: The open connections.
    """

    def __init__(self, broker: str) -> None:
        start, _, port = broker.rstrip("/").rpartition(":")
        self._broker = ("127.0.0.1", int(port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"{start}:{self._server.getsockname()[1]}/"
        self.pairs: list[Pair] = []
        self._left = threading.Condition()
        self._flows = threading.Event()
        self._flows.set()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def freeze(self) -> None:
        """Accept connections, and hold all data back."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass data on again, including the data held back."""
        self._flows.set()

    def is_left(self) -> bool:
        """Wait until no connection is open; return False if that takes too long."""
        with self._left:
            return self._left.wait_for(lambda: not self.pairs, PATIENCE)

    def cut(self) -> None:
        """Break every connection, and accept no new one."""
        with suppress(OSError):  # The relay may have been cut before.
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._accepting.join(PATIENCE)
        for pair in list(self.pairs):
            _shut(*pair)
        self._flows.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not self.pairs

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            pair = (client, socket.create_connection(self._broker))
            self.pairs.append(pair)
            thread = threading.Thread(target=self._serve, args=(pair,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, pair: Pair) -> None:
        client, broker = pair
        with client, broker:
            back = threading.Thread(target=self._pass_on, args=(broker, client))
            back.start()
            self._pass_on(client, broker)
            back.join()
        with self._left:
            self.pairs.remove(pair)
            self._left.notify_all()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                target.sendall(data)
        _shut(source, target)


def _shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):  # The other side may have shut it before.
            end.shutdown(socket.SHUT_RDWR)
