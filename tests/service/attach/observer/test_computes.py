"""How an observer from outside records computes."""

import pytest

from pytest_doctor_maint.history import kinds
from tests.support.observed_cloud import ObservedCloud

#: The power switch cannot be seen from outside.
UNSEEN = ("powered",)


def test_the_first_look_records_every_compute(lab: ObservedCloud) -> None:
    lab.observer.start()
    assert lab.observer.hosts() == {"compute-1": 4, "compute-2": 4, "compute-3": 4}
    assert lab.of(kinds.COMPUTE) == [
        {
            "host": f"compute-{number}",
            "status": "enabled",
            "state": "up",
            "forced_down": False,
            "powered": True,
            "vcpus": 4,
        }
        for number in (1, 2, 3)
    ]
    assert lab.agrees(kinds.COMPUTE) == 3


def test_an_unchanged_state_is_recorded_once(lab: ObservedCloud) -> None:
    lab.observer.start()
    lab.clock.sleep(60)
    assert len(lab.of(kinds.COMPUTE)) == 3


@pytest.mark.parametrize(
    ("there", "back", "seen"),
    [
        pytest.param(
            {"status": "disabled", "disabled_reason": "maintenance"},
            {"status": "enabled"},
            ("disabled", "up", False, True),
            id="disabled",
        ),
        pytest.param({"forced_down": True}, {"forced_down": False}, ("enabled", "down", True, False), id="forced down"),
    ],
)
def test_what_an_admin_does_to_a_compute(
    lab: ObservedCloud, there: dict[str, object], back: dict[str, object], seen: tuple[str, str, bool, bool]
) -> None:
    lab.observer.start()
    for changes in (there, back):
        lab.service("compute-2", **changes)
        lab.clock.sleep(1)
    names = ("status", "state", "forced_down", "powered")
    whole = ("enabled", "up", False, True)
    assert lab.column(kinds.COMPUTE, *names, host="compute-2") == [whole, seen, whole]
    assert lab.agrees(kinds.COMPUTE, without=UNSEEN) == 5


def test_a_compute_that_dies_is_down_when_nova_misses_it(lab: ObservedCloud) -> None:
    lab.observer.start()
    lab.cloud.nova.power_off("compute-2")
    lab.clock.sleep(14)
    assert lab.column(kinds.COMPUTE, "state", host="compute-2") == ["up"]
    lab.clock.sleep(2)
    assert lab.column(kinds.COMPUTE, "state", "powered", host="compute-2") == [("up", True), ("down", False)]
    lab.cloud.nova.power_on("compute-2")
    lab.clock.sleep(1)
    assert lab.column(kinds.COMPUTE, "state", "powered", host="compute-2")[-1] == ("up", True)
    lab.agrees(kinds.COMPUTE, without=UNSEEN)
