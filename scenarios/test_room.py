"""How the first compute becomes empty: the messages that are needed depend on the room that there is."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance
from pytest_doctor_maint.protocol import Step

pytestmark = pytest.mark.maintenance(computes=(3, 4, 5, 8))


def test_full_cloud_whose_scale_down_is_spread_over_two_computes(maintenance: Maintenance, computes: int) -> None:
    """Scaling down empties no compute, so that one must be emptied: DOWN_SCALE, then PREPARE_MAINTENANCE."""
    given = maintenance.given(computes).full().deciding(scale_down="spread")
    then = maintenance.when(given)
    assert len(then.sent(Step.DOWN_SCALE)) == 1
    assert then.sent(Step.PREPARE_MAINTENANCE)
    then.holds()


def test_full_cloud_whose_scale_down_frees_one_compute(maintenance: Maintenance, computes: int) -> None:
    """Scaling down empties a compute, so that PREPARE_MAINTENANCE is not needed."""
    given = maintenance.given(computes).full_with_act_on(0).deciding(scale_down="one_compute")
    then = maintenance.when(given)
    assert len(then.sent(Step.DOWN_SCALE)) == 1
    assert not then.sent(Step.PREPARE_MAINTENANCE)
    then.holds()


def test_one_compute_is_empty_from_the_start(maintenance: Maintenance, computes: int) -> None:
    """No room must be made: neither DOWN_SCALE nor PREPARE_MAINTENANCE is needed."""
    given = maintenance.given(computes).with_one_empty_compute()
    then = maintenance.when(given)
    assert not then.sent(Step.DOWN_SCALE)
    assert not then.sent(Step.PREPARE_MAINTENANCE)
    then.holds()


def test_there_is_room_but_no_empty_compute(maintenance: Maintenance, computes: int) -> None:
    """There is enough room to empty a compute: only PREPARE_MAINTENANCE is needed."""
    given = maintenance.given(computes).with_room_but_no_empty_compute()
    then = maintenance.when(given)
    assert not then.sent(Step.DOWN_SCALE)
    assert then.sent(Step.PREPARE_MAINTENANCE)
    then.holds()
