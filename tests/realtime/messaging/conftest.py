"""A RabbitMQ of the tests' own: private folders, free ports on 127.0.0.1, and nothing of it left afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

#: Real seconds for the broker to answer.
PATIENCE = 90.0
#: The broker's only user. Nobody may ever tell the password.
USER, PASSWORD = "doctor", "s3cret"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker's URL, as oslo.messaging reads it."""
    # As root the one in /usr/sbin starts a system service's script; the server's own script does not change the user.
    server = next(iter(sorted(Path("/usr/lib/rabbitmq").glob("lib/*/sbin/rabbitmq-server"))), None)
    command = str(server) if server else shutil.which("rabbitmq-server")
    if command is None:
        pytest.fail("these tests need rabbitmq-server (Debian: apt-get install rabbitmq-server)")
    home = tmp_path_factory.mktemp("rabbitmq")
    port, distribution, mapper = free_port(), free_port(), free_port()
    (home / "rabbitmq.conf").write_text(f"default_user = {USER}\ndefault_pass = {PASSWORD}\n", encoding="utf-8")
    (home / "advanced.config").write_text("[{kernel,[{inet_dist_use_interface,{127,0,0,1}}]}].\n", encoding="utf-8")
    (home / "enabled_plugins").write_text("[].\n", encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper),
        "RABBITMQ_NODENAME": "doctor-maint@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(home / "advanced.config"),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_PID_FILE": str(home / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
    }
    before = processes_called("epmd")
    with (home / "output").open("w", encoding="utf-8") as output:
        process = subprocess.Popen(  # noqa: S603 # the broker of the machine
            [command], env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_until_it_answers(process, port, home / "output")
            yield f"rabbit://{USER}:{PASSWORD}@127.0.0.1:{port}/"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
            # It outlives the broker.
            for pid in processes_called("epmd") - before:
                if str(mapper) in environment_of(pid):
                    os.kill(pid, signal.SIGTERM)


class Relay:
    """A way to the broker that can break or be silent, without harm to the broker.

    Attributes:
        url: The broker, by this way.
        pairs: For each open connection its two ends here, the client's and the broker's.
    """

    def __init__(self, broker: str) -> None:
        start, _, port = broker.rstrip("/").rpartition(":")
        self._broker = ("127.0.0.1", int(port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"{start}:{self._server.getsockname()[1]}/"
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        self._left = threading.Condition()
        self._flows = threading.Event()
        self._flows.set()
        self._threads: list[threading.Thread] = []
        self._accepting = self._spawn(self._accept)

    def freeze(self) -> None:
        """Clients can still connect; nothing that anybody says gets through."""
        self._flows.clear()

    def thaw(self) -> None:
        """What was said meanwhile gets through."""
        self._flows.set()

    def is_left(self) -> bool:
        """Whether, after a while at most, no connection is open any more."""
        with self._left:
            return self._left.wait_for(lambda: not self.pairs, PATIENCE)

    def cut(self) -> None:
        """Be gone: every connection breaks, and no new one is taken."""
        with suppress(OSError):  # it is gone already
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._accepting.join(PATIENCE)
        for pair in list(self.pairs):
            shut(*pair)
        self._flows.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not self.pairs

    def _spawn(self, target: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            pair = (client, socket.create_connection(self._broker))
            self.pairs.append(pair)
            self._spawn(self._serve, pair)

    def _serve(self, pair: tuple[socket.socket, socket.socket]) -> None:
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
        shut(source, target)


def shut(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):  # the other side was first
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(broker: str) -> Iterator[Relay]:
    relay = Relay(broker)
    yield relay
    relay.cut()


def wait_until_it_answers(process: "subprocess.Popen[bytes]", port: int, output: Path) -> None:
    end = monotonic() + PATIENCE
    while monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), 1.0) as connection:
                # It takes connections a little before it speaks AMQP.
                connection.settimeout(2.0)
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                if connection.recv(1):
                    return
        except OSError:
            try:
                process.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
    pytest.fail(f"the broker does not answer: {output.read_text(encoding='utf-8')[-2000:]}")


def processes_called(name: str) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            if path.read_text(encoding="utf-8").strip() == name:
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


def environment_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
