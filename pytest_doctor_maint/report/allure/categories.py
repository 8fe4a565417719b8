"""The categories of failed tests in an Allure report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

#: Allure 2 matches a whole message, Allure 3 a part of it. Without the anchors, Allure 3 tries each begin in a long
#: message with each end.
_BEGIN, _END = r"^[\s\S]*?", r"[\s\S]*$"
_FAILED = ["failed", "broken"]


def categories(claims: Iterable[str]) -> str:
    """Return ``categories.json``: an unfit cloud, a run that broke off, each claim by its name, and the harness.

    A test is in the first category that matches it, or in each one that does, as the version of Allure has it.

    Args:
        claims: The names of the claims.
    """
    return json.dumps(list(_categories(claims)), indent=2)


def configuration(claims: Iterable[str]) -> str:
    """Return ``allurerc.json``, which gives the same categories to the newer report of Allure 3.

    That report takes its categories from the configuration of Allure, and not from the results.

    Args:
        claims: The names of the claims.
    """
    plugins = {"awesome": {"options": {"reportName": "Maintenance"}}}
    return json.dumps({"plugins": plugins, "categories": list(_categories(claims))}, indent=2)


def _categories(claims: Iterable[str]) -> Iterator[dict[str, object]]:
    yield _category("unfit cloud", r"UnsuitableCloud\b")
    yield _category("harness: the run broke off", "the run broke off: ")
    for claim in claims:
        yield _category(f"violated: {claim}", rf"VIOLATED: {claim}(\s|$)")
    yield _category("expected violation missed", "expected exactly these violations: ")
    yield _category("judged nothing", "judged nothing: ")
    yield _category("unknown claims", "UNKNOWN: ")
    yield _category("interrupted", "interrupted: ")
    yield {"name": "harness: error in the test or a fixture", "matchedStatuses": ["broken"]}
    yield {"name": "other failures", "matchedStatuses": ["failed"]}


def _category(name: str, message: str) -> dict[str, object]:
    return {"name": name, "messageRegex": f"{_BEGIN}{message}{_END}", "matchedStatuses": _FAILED}
