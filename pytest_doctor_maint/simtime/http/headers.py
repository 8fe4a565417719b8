"""What requests between the parts of one run take along."""

TOKEN_HEADER = "X-Doctor-Maint-Token"
"""Control in simulated time (:meth:`pytest_doctor_maint.simtime.clock.Clock.carry`)."""
CAUSE_HEADER = "X-Doctor-Maint-Cause"
"""The run, and the number of the event in its history that the request follows from. Another process has another
history, and its numbers mean nothing here."""


def environ_key(header: str) -> str:
    """Where WSGI keeps ``header``."""
    return "HTTP_" + header.upper().replace("-", "_")
