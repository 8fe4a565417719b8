"""The code blocks of the documentation can be typed: their languages, command lines, options and imports are right.

`tests/realtime/docs` and `tests/third_party/test_tutorial.py` run them.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import pytest_doctor_maint
from docs.generate import subparsers
from pytest_doctor_maint.plugin.settings import SETTINGS
from pytest_doctor_maint.protocol import Action, Step, parse_alarm
from pytest_doctor_maint.protocol.message import parse_project_message
from pytest_doctor_maint.protocol.reply import parse_reply
from tests.support.doc_blocks import LANGUAGES, ROOT, TUTORIAL, Block, blocks_of, pages

BLOCKS = [block for page in pages() for block in blocks_of(page)]
SHELL = [block for block in BLOCKS if block.language == "bash"]
#: The blocks that no test runs. A new one needs a reason here, too.
NOT_RUN = {
    "runs all tests.": 1,
    "runs all scenarios, some minutes.": 1,
    "needs Allure, a program of npm or of Java; tests/browser/test_allure.py runs it.": 1,
    "needs a cloud named production.": 1,
    "needs the command openstack.": 1,
    "needs a RabbitMQ and a ceilometer. `tox -e messaging` tests it with a RabbitMQ.": 1,
    "the name in the catalog must lead to the container.": 1,
    "needs the distribution; tests/third_party/test_acme.py runs it in an environment of its own.": 1,
}

#: Options of other programs.
OTHERS = {"--config"}


def command_lines(name: str) -> Iterator[tuple[Block, list[str]]]:
    """Yield the words of each command of this name, with its block."""
    for block in SHELL:
        for words in block.commands():
            if Path(words[0]).name == name:
                yield block, words


@cache
def parsers() -> Mapping[str, ArgumentParser]:
    return subparsers()


def test_every_block_has_a_language_that_is_known() -> None:
    assert [str(block) for block in BLOCKS if block.language not in LANGUAGES] == []
    assert len(SHELL) > 20


def test_the_blocks_that_are_not_run_are_counted_and_have_reasons() -> None:
    reasons = [block.not_run for block in SHELL if block.not_run is not None]
    assert {reason: reasons.count(reason) for reason in reasons} == NOT_RUN


def test_the_tutorial_leaves_nothing_out() -> None:
    assert [block for block in SHELL if block.page in TUTORIAL and block.not_run] == []


def test_the_blocks_of_bash_are_bash() -> None:
    for page in {block.page for block in SHELL}:
        text = "\n".join(block.text for block in SHELL if block.page == page)
        checked = subprocess.run(["/bin/bash", "-n"], input=text, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, f"{page}: {checked.stderr}"


def test_doctor_maint_takes_every_command_line() -> None:
    lines = list(command_lines("doctor-maint"))
    assert len(lines) > 10
    for block, (_, command, *arguments) in lines:
        assert command in parsers(), f"{block}: doctor-maint {command}"
        try:
            parsers()[command].parse_args(arguments)
        except SystemExit:
            pytest.fail(f"{block}: doctor-maint {command} {' '.join(arguments)}")


def test_pytest_takes_every_command_line(pytestconfig: pytest.Config) -> None:
    lines = list(command_lines("pytest"))
    assert len(lines) > 10
    for block, (_, *arguments) in lines:
        _, unknown = pytestconfig._parser.parse_known_and_unknown_args(arguments)
        assert unknown == [], f"{block}: {unknown}"


def test_the_values_of_settings_can_be_used(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    for block, (_, *arguments) in command_lines("pytest"):
        options, _ = pytestconfig._parser.parse_known_and_unknown_args(arguments)
        for setting in SETTINGS:
            raw = getattr(options, setting.dest)
            # The clouds of the pages are not on this machine; a value with a `$` is made by the shell; and actors of
            # another distribution are not installed.
            texts = raw if isinstance(raw, list) else [raw]
            if raw is not None and setting.field != "os_cloud" and not {"acme", "$"} & {*texts, *str(raw)}:
                assert setting.read(raw, tmp_path) is not None, f"{block}: {setting.option}"


def test_options_in_sentences_exist(pytestconfig: pytest.Config) -> None:
    known = {option for parser in parsers().values() for option in parser._option_string_actions}
    known |= {name for group in pytestconfig._parser._groups for option in group.options for name in option.names()}
    for page in pages():
        text = re.sub(
            r"^ *```.*?^ *```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        for code in re.findall(r"`([^`\n]+)`", text):
            options = set(re.findall(r"(?:^|[ \[])(--[a-z][a-z-]+)", code))
            assert options <= known | OTHERS, f"{page}: {code}"
            if code.startswith("doctor-maint "):
                assert code.split()[1] in {*parsers(), "COMMAND", "list"}, f"{page}: {code}"


def test_the_messages_that_are_shown_are_right() -> None:
    alarm, reply = (
        json.loads(block.text) for block in BLOCKS if block.page == "docs/protocol.md" and block.language == "json"
    )
    message = parse_project_message(parse_alarm(alarm).traits)
    assert message.step is Step.PLANNED_MAINTENANCE
    assert message.allowed_actions == list(Action)
    assert parse_reply(reply).instance_actions


def test_every_python_block_imports_what_is_public() -> None:
    blocks = [block for block in BLOCKS if block.language == "python"]
    assert len(blocks) > 10
    for block in blocks:
        for node in ast.walk(ast.parse(block.text, str(block))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pytest_doctor_maint"):
                named = {alias.name for alias in node.names}
                assert node.module == "pytest_doctor_maint", f"{block}: {node.module}"
                assert named <= set(pytest_doctor_maint.__all__), f"{block}: {named}"


def test_every_file_of_python_is_run_on_its_page() -> None:
    """A file is run if a command names it, or a file that is run imports it."""
    files = [block for block in BLOCKS if block.file is not None and block.language == "python"]
    for block in files:
        on_page = [
            other.text for other in BLOCKS if other.page == block.page and other is not block and not other.not_run
        ]
        module = (block.file or "").removesuffix(".py")
        assert any(f"{block.file}" in text or f"from {module} import" in text for text in on_page), str(block)


def test_the_distribution_that_is_shown_is_the_one_that_is_tested() -> None:
    (shown,) = (block for block in BLOCKS if block.file == "pyproject.toml" and "entry-points" in block.text)
    tested = tomllib.loads((ROOT / "tests/third_party/acme/pyproject.toml").read_text(encoding="utf-8"))
    project = tomllib.loads(shown.text)
    assert project["project"]["entry-points"] == tested["project"]["entry-points"]


def test_a_page_has_no_code_without_a_fence() -> None:
    for page in pages():
        fenced = {
            number for block in blocks_of(page) for number in range(block.line, block.line + block.text.count("\n") + 2)
        }
        lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
        for number, (before, line) in enumerate(pairwise(lines), start=2):
            is_code = not before and line.startswith("    ")
            assert number in fenced or not is_code, f"{page}:{number}"
