"""On which computes a server that moves holds room: the one that it comes from, and the one that it goes to."""

from typing import Any

import pytest

from pytest_doctor_maint.history import kinds


@pytest.mark.parametrize("first", ["cold", "live"])
def test_a_migration_that_is_over_holds_no_room(lab: Any, first: str) -> None:
    """The next one has begun, and has no target yet: the last one's is none of its."""
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
