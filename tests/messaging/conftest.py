"""A RabbitMQ of the tests' own: private folders, free ports on 127.0.0.1, and nothing of it left afterwards."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

#: Real seconds for the broker to answer.
PATIENCE = 90.0


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
    (home / "rabbitmq.conf").write_text("loopback_users.guest = true\n", encoding="utf-8")
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
            yield f"rabbit://guest:guest@127.0.0.1:{port}/"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
            # It outlives the broker.
            for pid in processes_called("epmd") - before:
                if str(mapper) in environment_of(pid):
                    os.kill(pid, signal.SIGTERM)


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
