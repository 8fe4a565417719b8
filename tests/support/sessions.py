"""Test files with one session in real time, and the histories that they save."""

from __future__ import annotations

from pathlib import Path

from pytest_doctor_maint.history import History

#: Seconds between the request for a session and the start of maintenance: the shortest time that an admin tool accepts,
#: and a moment for the messages. Fenix has no shortest time.
NOTICE = {"sample": 12, "fenix": 4}

_SESSION = """
from dataclasses import replace

from pytest_doctor_maint import AdminToolSettings, ConstraintPolicy, FenixSettings, InstanceConstraint

SETTINGS = {{"sample": AdminToolSettings, "fenix": FenixSettings}}

def test_session(maintenance):
    given = maintenance.given({computes}).{given}
    given = replace(given, plan=replace(given.plan, notice={notice}.0))
    maintenance.when(given).holds()
"""


def session_test(
    dialect: str, given: str = "full()", *, computes: int = 3, here: bool = False, lead_time: int | None = None
) -> str:
    """Return a test file with one session, which starts soon after its announcement, because the time is real.

    Args:
        dialect: ``sample`` or ``fenix``, the admin tool.
        given: The scenario.
        computes: The number of computes of the scenario.
        here: True if the admin tool is in the process of pytest: its work then takes almost no time.
        lead_time: The constraint of every instance, for a VNFM in the process of pytest.
    """
    if here:
        given += f".where(admin_tool=SETTINGS[{dialect!r}](work_seconds=1))"
    if lead_time is not None:
        given += f".constrained(instance=InstanceConstraint(lead_time={lead_time}))"
    return _SESSION.format(computes=computes, given=given, notice=NOTICE[dialect])


def history_in(folder: Path) -> History:
    """Return the one history in a folder."""
    (path,) = folder.glob("*.jsonl")
    return History.load(path)
