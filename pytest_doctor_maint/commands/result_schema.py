"""``doctor-maint result-schema``: the JSON schema of the result of a run of pytest."""

from __future__ import annotations

import argparse
import json
import sys


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "result-schema",
        help="print the JSON schema of a result",
        description="Print the JSON schema of the document that pytest --maint-result=FILE writes, for programs that "
        "read it.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the schema; return the exit code."""
    # The import takes a moment, which the other subcommands need not pay.
    from pytest_doctor_maint.report.result import schema

    sys.stdout.write(json.dumps(schema(), indent=2) + "\n")
    return 0
