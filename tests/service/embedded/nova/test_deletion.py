"""What becomes of the moves, images and groups of servers that are deleted.

The source of the rules is ``API._delete`` in nova/compute/api.py, and nova/compute/manager.py.
"""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.nova.server import Server
from tests.support.json import Json
from tests.support.nova import NovaBench


def delete(bench: NovaBench, server: Server) -> None:
    bench.call("DELETE", f"/servers/{server.id}", status=204)


def actions(bench: NovaBench, server: Server) -> list[str]:
    path = f"/servers/{server.id}/os-instance-actions"
    listed: Json = bench.call("GET", path, version="2.90")["instanceActions"]
    return [action["action"] for action in listed]


@pytest.mark.parametrize("confirm", [False, True])
def test_a_move_that_waits_for_confirmation_is_confirmed(bench: NovaBench, confirm: bool) -> None:
    """API._confirm_resize_on_deleting: for the states finished and confirming."""
    server = bench.boot()
    bench.act(server, "migrate", by="admin")
    bench.wait(12)
    if confirm:
        bench.act(server, "confirmResize", status=204)

    delete(bench, server)

    bench.wait(5)
    assert server.deleted
    assert [migration.status for migration in bench.nova.migrations] == ["confirmed"]
    assert bench.vcpus_used() == [0, 0, 0]
    assert actions(bench, server)[:2] == ["delete", "confirmResize"]


def test_a_reversal_ends_in_error(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "migrate", by="admin")
    bench.wait(12)
    bench.act(server, "revertResize")

    delete(bench, server)

    bench.wait(20)
    assert [migration.status for migration in bench.nova.migrations] == ["error"]
    assert bench.vcpus_used() == [0, 0, 0]


@pytest.mark.parametrize(
    ("name", "value", "version"),
    [("migrate", None, "2.1"), ("os-migrateLive", {"host": None, "block_migration": "auto"}, "2.90")],
)
def test_a_move_in_progress_ends_in_error(bench: NovaBench, name: str, value: Json, version: str) -> None:
    """errors_out_migration and _do_live_migration in nova/compute/manager.py: the instance is not found any more."""
    server = bench.boot()
    bench.act(server, name, value, by="admin", version=version)
    bench.wait(1)

    delete(bench, server)

    bench.wait(60)
    assert server.deleted
    assert [migration.status for migration in bench.nova.migrations] == ["error"]
    assert bench.vcpus_used() == [0, 0, 0]


def test_an_evacuation_fails(bench: NovaBench) -> None:
    """ComputeManager.rebuild_instance: InstanceNotFound sets the migration to failed."""
    server = bench.boot()
    bench.nova.set_service(bench.nova.computes["compute-1"], forced_down=True)
    bench.act(server, "evacuate", {}, by="admin", version="2.68", status=200)
    bench.wait(1)

    delete(bench, server)

    bench.wait(60)
    assert [migration.status for migration in bench.nova.migrations] == ["failed"]
    assert bench.vcpus_used() == [0, 0, 0]


def test_the_image_of_a_shelved_server_is_deleted(bench: NovaBench) -> None:
    server = bench.boot()
    bench.act(server, "shelve")
    bench.wait(10)
    image = server.shelved_image_id
    assert image in bench.cloud.glance.images

    delete(bench, server)

    assert image not in bench.cloud.glance.images


def test_a_server_that_is_being_deleted_is_left_alone(bench: NovaBench) -> None:
    server = bench.boot()
    delete(bench, server)

    delete(bench, server)

    bench.wait(5)
    assert actions(bench, server) == ["delete", "create"]
