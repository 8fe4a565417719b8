"""Refusals in tests: one sentence in place of a traceback, and names of claims that are checked before a run."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator

import pytest
from _pytest._code.code import TerminalRepr

from pytest_doctor_maint.secret_keys import without_logins, without_url_secrets
from pytest_doctor_maint.tracebacks import is_theirs

#: The methods of what `Maintenance.when` returns whose arguments are names of claims.
_JUDGING = ("holds", "violates")


def one_sentence(info: pytest.ExceptionInfo[BaseException]) -> TerminalRepr:
    """Return a refusal as pytest reports it: the lines of the user's code that led to it, and its sentence.

    The message begins with the bare name of the class: the short test summary has no room for its module.

    Args:
        info: The exception, a refusal.
    """
    info.traceback = info.traceback.filter(lambda entry: is_theirs(entry.frame.raw))
    shown = info.getrepr(style="short", chain=False)
    kind = type(info.value)
    long, bare = f"{kind.__module__}.{kind.__qualname__}: ", f"{kind.__qualname__}: "
    if shown.reprcrash is not None:
        shown.reprcrash.message = shown.reprcrash.message.replace(long, bare, 1)
    for entry in getattr(shown.reprtraceback, "reprentries", ()):
        # A line of the test may have the URL of a message bus.
        entry.lines = [_without_secrets(line.replace(long, bare, 1)) for line in entry.lines]
    return shown


def _without_secrets(line: str) -> str:
    return without_logins(without_url_secrets(line))


def claims_named_in(function: Callable[..., object]) -> Iterator[str]:
    """Yield the names of claims that a test gives to `holds` and `violates`, where its source shows them.

    That is a text in the call of the method, on what `when` of the fixture `maintenance` returned in the same test.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError, TypeError):
        # The source of a test that is made while pytest runs cannot be read. Its claims are checked when they are used.
        return
    results = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_when(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _JUDGING:
            judged = node.func.value
            if _is_when(judged) or (isinstance(judged, ast.Name) and judged.id in results):
                constants = (each.value for each in node.args if isinstance(each, ast.Constant))
                yield from (value for value in constants if isinstance(value, str))


def _is_when(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "when"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "maintenance"
    )
