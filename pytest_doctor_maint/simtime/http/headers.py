"""The headers that requests between the parts of a run carry."""

TOKEN_HEADER = "X-Doctor-Maint-Token"
"""Control in simulated time (:meth:`pytest_doctor_maint.simtime.clock.Clock.carry`)."""
CAUSE_HEADER = "X-Doctor-Maint-Cause"
"""The run, and the ``seq`` of the event in its history that the request follows from. The run is named because another
process has another history, with its own numbers."""


def environ_key(header: str) -> str:
    """Return the key of ``header`` in a WSGI environment."""
    return "HTTP_" + header.upper().replace("-", "_")
