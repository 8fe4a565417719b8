"""The file of the result: where it is, and how it is written."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_doctor_maint.plugin.settings import SETTINGS

if TYPE_CHECKING:
    from pytest_doctor_maint.report.result import ResultDocument

_SETTING = next(setting for setting in SETTINGS if setting.field == "result_file")


def early_path(config: pytest.Config) -> Path | None:
    """Return the file that the command line or the ini file names, before pytest has checked the command line.

    A variable of the environment does not count here: it may be meant for another run of pytest.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        # The controller writes the file.
        return None
    option, ini = getattr(config.known_args_namespace, _SETTING.dest, None), config.getini(_SETTING.ini)
    base = config.invocation_params.dir if option or config.inipath is None else config.inipath.parent
    try:
        path: Path | None = _SETTING.read(option or ini, base) if option or ini else None
    except ValueError:
        # This is reported when all settings are read.
        return None
    return path


def write_unfinished(path: Path, reason: str, *, is_running: bool = False, exit_code: int | None = None) -> None:
    """Write a result that is not green, until there is another.

    Args:
        path: The file.
        reason: Why there is no verdict on tests.
        is_running: True if pytest has started: the verdict is then that it was interrupted, else that it has an error.
        exit_code: The exit code of pytest, if it is known already.

    Raises:
        UsageError: The file cannot be written.
    """
    from pytest_doctor_maint.history import timestamp
    from pytest_doctor_maint.plugin.gate.versions import versions
    from pytest_doctor_maint.report.gate import GateVerdict
    from pytest_doctor_maint.report.result import ResultDocument

    verdict = GateVerdict.INTERRUPTED if is_running else GateVerdict.ERROR
    began = timestamp(datetime.now(UTC))
    document = ResultDocument(verdict=verdict, reason=reason, exit_code=exit_code, began=began, versions=versions())
    try:
        write(path, document)
    except OSError as error:
        raise pytest.UsageError(f"{_SETTING.option}: {path} cannot be written: {error.strerror}") from None


def write(path: Path, document: ResultDocument) -> None:
    """Write a result as a whole or not at all: a reader sees the old one or the new one. Missing folders are made.

    Raises:
        OSError: The file cannot be written.
    """
    from pytest_doctor_maint.report.result import document_text

    # The file that a link leads to is replaced, not the link.
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with new.open("w", encoding="ascii") as file:
            file.write(document_text(document))
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
