"""Python literals in the text of requests and notifications."""

from __future__ import annotations

import ast
from typing import Any


def parse_literal(text: str) -> Any:  # a literal of any kind
    """Return the value of the Python literal ``text``.

    Raises:
        ValueError: ``text`` is no literal, or is nested so deeply that Python cannot read it.
    """
    try:
        return ast.literal_eval(text)
    except (SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ValueError(f"{text[:80]!r} is no Python literal: {error}") from error
