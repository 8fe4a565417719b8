"""Bodies that do not have the protocol's form."""

from __future__ import annotations

from pydantic import ValidationError


class InvalidBody(ValueError):
    """A body does not have the protocol's form; the message names the field and says what is wrong with it."""


def explain(error: ValidationError) -> str:
    """Return all faults in one line: ``field: reason`` for each."""
    return "; ".join(
        f"{'.'.join(str(part) for part in fault['loc']) or 'body'}: {fault['msg']}" for fault in error.errors()
    )
