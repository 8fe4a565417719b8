"""The command ``doctor-maint``, with one subcommand for each module of this package that has an ``add_to``."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from types import ModuleType

from pytest_doctor_maint import commands

#: The order of the subcommands in the help; others follow by name.
_ORDER = ("cloud", "admin_tool", "app_manager", "inspector", "wait", "judge", "draw", "replay", "list_names")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the subcommand that `argv` names, and return the exit code.

    Args:
        argv: The arguments; those of the process by default.

    Raises:
        SystemExit: With code 2 for wrong arguments, after a message on stderr; with code 0 after help or version.
    """
    parser = argparse.ArgumentParser(
        prog="doctor-maint", description="Run the parts of a maintenance test by themselves, and judge saved runs."
    )
    parser.add_argument("--version", action="version", version=f"doctor-maint {version('pytest-doctor-maint')}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in _modules():
        module.add_to(subparsers)
    options = parser.parse_args(argv)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has read enough. The interpreter flushes stdout once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _modules() -> Iterator[ModuleType]:
    names = [found.name for found in pkgutil.iter_modules(commands.__path__) if not found.name.startswith("_")]
    for name in sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)):
        module = importlib.import_module(f"{commands.__name__}.{name}")
        if hasattr(module, "add_to"):
            yield module


if __name__ == "__main__":
    sys.exit(main())
