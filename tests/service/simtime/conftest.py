"""The wires on which servers and sessions are tested."""

import pytest

from pytest_doctor_maint.simtime.http.wires import WIRES


@pytest.fixture(params=sorted(WIRES))
def wire(request: pytest.FixtureRequest) -> str:
    """The name of a wire."""
    return str(request.param)
