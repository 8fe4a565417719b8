"""What the tests of the plugin and the scenarios share in this checkout."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import pytest_doctor_maint

_HERE = Path(__file__).resolve().parent

# `tests.support` and `benchmarks` are not installed. The path goes to the end, so that an installed plugin is still the
# one that is tested.
if str(_HERE) not in sys.path:
    sys.path.append(str(_HERE))

# The plugin's own tests run pytest within pytest. Only a conftest.py at the top may ask for that.
pytest_plugins = "pytester"


def pytest_configure(config: pytest.Config) -> None:
    """Run the scenarios also when pytest has overlooked tox.ini.

    In `--maint-history DIR` (or `--alluredir DIR`) pytest takes a DIR that exists for a path to test while it looks
    for its ini file, and finds none there; `--maint-history=DIR` has no such trouble.
    """
    if config.inipath is None and config.args == [str(_HERE)]:
        config.args[:] = [str(_HERE / "scenarios")]
        config.option.importmode = "importlib"


def pytest_report_header() -> str | None:
    """Tell when the plugin is not the one of this checkout, as after `pip install .` and an edit."""
    used = Path(pytest_doctor_maint.__file__).resolve().parent
    if used == _HERE / "pytest_doctor_maint":
        return None
    return f"doctor-maint: the plugin is the installed copy in {used}; `pip install -e .` makes it this checkout's"
