"""``doctor-maint list``: the names that options take, with a summary of each."""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from pytest_doctor_maint.registry import BrokenEntry

Row = tuple[str, str]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand to ``doctor-maint``."""
    parser = commands.add_parser(
        "list",
        help="list claims, faults, actors, action plug-ins, kinds of events or scenarios",
        description="List the names that options and scenarios take, with a summary of each. Those of other "
        "distributions, which come through entry points, are listed as well.",
    )
    parser.add_argument("what", choices=list(_LISTS), help="what to list")
    parser.add_argument(
        "--json", action="store_true", help="print a JSON list of objects, each with a name and its meaning"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the list that `options` name; return the exit code: 1 if an entry of another distribution is broken."""
    rows: list[Row] = []
    broken: list[BrokenEntry] = []
    for row in _LISTS[options.what]():
        if isinstance(row, BrokenEntry):
            broken.append(row)
        else:
            rows.append(row)
    if options.json:
        sys.stdout.write(json.dumps([{"name": name, "meaning": meaning} for name, meaning in rows], indent=2) + "\n")
        rows = []
    width = max((len(name) for name, _ in rows), default=0)
    for name, summary in rows:
        sys.stdout.write(f"{name:{width}}  {summary}".rstrip() + "\n")
    for error in broken:
        sys.stderr.write(f"doctor-maint list: {error}\n")
    return 1 if broken else 0


def _claims() -> Iterator[Row | BrokenEntry]:
    from pytest_doctor_maint.claims import CLAIMS

    for name, claim in CLAIMS.readable():
        yield claim if isinstance(claim, BrokenEntry) else (name, claim.rule)


def _faults() -> Iterator[Row | BrokenEntry]:
    from pytest_doctor_maint.faults import FAULTS

    for name, fault in FAULTS.readable():
        yield fault if isinstance(fault, BrokenEntry) else (name, fault.injects)


def _actors() -> Iterator[Row | BrokenEntry]:
    from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS

    for registry in (ADMIN_TOOLS, APP_MANAGERS, INSPECTORS):
        for name, spec in registry.readable():
            yield spec if isinstance(spec, BrokenEntry) else (f"{registry.what} {name}", spec.summary)


def _actions() -> Iterator[Row]:
    for point in sorted(entry_points(group="pytest_doctor_maint.actions"), key=lambda point: point.name):
        yield point.name, f"{point.value}{'' if point.dist is None else f' of {point.dist.name}'}"


def _kinds() -> Iterator[Row]:
    from pytest_doctor_maint.history.kinds import all_kinds

    for kind in all_kinds():
        yield kind.name, kind.meaning


def _scenarios() -> Iterator[Row]:
    # The scenarios are test modules: they are read, not imported.
    spec = find_spec("pytest_doctor_maint.scenarios")
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(folder).glob("test_*.py")):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                    text = ast.get_docstring(node) or node.name.removeprefix("test_").replace("_", " ")
                    yield f"{path.name}::{node.name}", text.partition("\n")[0]


_LISTS: Mapping[str, Callable[[], Iterator[Row | BrokenEntry]]] = {
    "claims": _claims,
    "faults": _faults,
    "actors": _actors,
    "actions": _actions,
    "kinds": _kinds,
    "scenarios": _scenarios,
}
