"""What the tests of the plugin and the scenarios share in this checkout."""

from __future__ import annotations

from pathlib import Path

import pytest_doctor_maint

# The plugin's own tests run pytest within pytest. Only a conftest.py at the top may ask for that.
pytest_plugins = "pytester"


def pytest_report_header() -> str | None:
    """Tell when the plugin is not the one of this checkout, as after `pip install .` and an edit."""
    here = Path(__file__).resolve().parent / "pytest_doctor_maint"
    used = Path(pytest_doctor_maint.__file__).resolve().parent
    if used == here:
        return None
    return f"doctor-maint: the plugin is the installed copy in {used}; `pip install -e .` makes it this checkout's"
