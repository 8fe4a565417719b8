"""The test case without demands on any actor beyond the use case, so that all of them may run elsewhere."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.fixtures.maintenance import Maintenance


@pytest.mark.maintenance(computes=(3, 4, 5, 8))
def test_any_application(maintenance: Maintenance, computes: int) -> None:
    """All computes are maintained, whichever application runs on them.

    The application must have instances, all ACTIVE before the test, and an app manager that has an alarm for its
    project's messages, replies to each in time, and leaves as many ACTIVE instances as before, and no alarm of the
    test. In the workflow vnf it must also set constraints, which that workflow is driven by.

    It need not have a redundant pair in an anti-affinity group, a floating IP, constraints in the default workflow, or
    instances that are moved by the admin tool: the claims about these are not applicable to a run without them. Name a
    claim, as in ``holds("downtime_is_zero")``, where the application must have what the claim is about.
    """
    maintenance.when(maintenance.given(computes).with_any_application()).holds()
