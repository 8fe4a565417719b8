"""On which computes a moving server holds room: on its source and, once chosen, on its target."""

import pytest

from pytest_doctor_maint.history import kinds
from tests.support.observed_cloud import ObservedCloud


@pytest.mark.parametrize("first", ["cold", "live"])
def test_a_migration_that_is_over_holds_no_room(lab: ObservedCloud, first: str) -> None:
    """The next migration has begun and has no target yet: the target of the last migration must not be used."""
    server_id = lab.boot()
    if first == "cold":
        lab.act(server_id, "migrate")
        lab.clock.sleep(20)
        lab.act(server_id, "confirmResize", by="doctor")
    else:
        lab.live_migrate(server_id)
    lab.clock.sleep(20)
    host = lab.host_of(server_id)
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.observer.look()
    assert lab.column(kinds.SERVER, "status", "held_on")[-1] == ("MIGRATING", (host,))


def test_room_on_the_target_is_seen_as_soon_as_the_target_is_chosen(lab: ObservedCloud) -> None:
    """Nova shows that a server migrates before it has chosen the target, and does not show the choice."""
    server_id = lab.boot()
    source = lab.host_of(server_id)
    lab.observer.start()
    lab.live_migrate(server_id)
    lab.observer.look()
    lab.clock.sleep(5)
    held = lab.reported.of(kinds.SERVER)[-1].data["held_on"]
    assert len(held) == 2
    assert lab.column(kinds.SERVER, "status", "held_on")[1:] == [("MIGRATING", (source,)), ("MIGRATING", held)]
    lab.agrees(kinds.SERVER, without=("held_on",))


def test_each_server_holds_room_where_it_moves_itself(lab: ObservedCloud) -> None:
    one, two = lab.boot("one"), lab.boot("two")
    lab.observer.start()
    lab.live_migrate(one)
    lab.clock.sleep(1)
    lab.live_migrate(two)
    lab.clock.sleep(1)
    for server_id in (one, two):
        held = lab.reported.of(kinds.SERVER, server_id=server_id)[-1].data["held_on"]
        assert lab.column(kinds.SERVER, "held_on", server_id=server_id)[-1] == held
    # With one server alone, the two could not be mixed up.
    assert len(set(lab.column(kinds.SERVER, "held_on", status="MIGRATING"))) == 2
