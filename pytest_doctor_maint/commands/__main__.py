"""The command ``doctor-maint``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pytest_doctor_maint.commands import admin_tool, app_manager, cloud, inspector, judge


def main(argv: Sequence[str] | None = None) -> int:
    """Run the subcommand that ``argv`` (the process's own arguments by default) names.

    Returns:
        The exit code.

    Raises:
        SystemExit: With code 2, the arguments are wrong, which is said on stderr; with code 0, help was asked for.
    """
    parser = argparse.ArgumentParser(prog="doctor-maint", description="Tools around the test of maintenance.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    cloud.add_to(commands)
    admin_tool.add_to(commands)
    app_manager.add_to(commands)
    inspector.add_to(commands)
    judge.add_to(commands)
    options = parser.parse_args(argv)
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
