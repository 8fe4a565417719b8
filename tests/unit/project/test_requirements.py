"""The requirements of the package are the distributions that it imports."""

from __future__ import annotations

import ast
import re
import sys
from configparser import ConfigParser
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

# Needed for options that users type (`-n 2`, `--alluredir=DIR`), whether or not the package imports them.
FOR_THE_COMMAND_LINE = {"allure-pytest", "pytest-xdist"}


def imported() -> set[str]:
    """Return the distributions that the package imports something from."""
    modules: set[str] = set()
    for folder in ("pytest_doctor_maint", "fixtures", "scenarios"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    modules.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    modules.add(node.module.partition(".")[0])
    modules -= {*sys.stdlib_module_names, "pytest_doctor_maint", "_typeshed"}
    distributions = packages_distributions()
    return {plain(distribution) for module in modules for distribution in distributions.get(module, [module])}


def plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def test_every_import_is_required_and_every_requirement_imported() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    lines = config["options"]["install_requires"].split()
    required = {plain(re.split("[<>=!~]", line)[0]) for line in lines}
    assert imported() - FOR_THE_COMMAND_LINE - {"allure-python-commons"} == required - FOR_THE_COMMAND_LINE
