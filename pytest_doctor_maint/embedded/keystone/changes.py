"""Changes of Keystone's records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_doctor_maint.embedded.keystone.errors import Forbidden
from pytest_doctor_maint.embedded.keystone.records import Optioned, Record


class Changes:
    """Makes and counts the changes that may affect which tokens are valid and what they allow.

    Attributes:
        count: The number of changes so far. The evaluation of a token holds until the next one.
    """

    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        """Let every token be evaluated again."""
        self.count += 1

    def update(self, record: Record, values: Mapping[str, Any]) -> None:
        """Set fields of a record.

        Args:
            record: The record to change.
            values: The new values by field name. Those of ``options`` and ``extra`` are merged into the present ones;
                None removes an option. As in Keystone, it stays a value of a field that the API does not define.

        Raises:
            Forbidden: The record is immutable, and ``values`` does not make it mutable.
        """
        if values.get("options", {}).get("immutable") is not False:
            require_mutable(record)
        for key, value in values.items():
            if key not in ("options", "extra"):
                setattr(record, key, value)
        if "options" in values and isinstance(record, Optioned):
            merged = {**record.options, **values["options"]}
            record.options = {key: value for key, value in merged.items() if value is not None}
        record.extra = {**record.extra, **values.get("extra", {})}
        self.note()


def require_mutable(record: Record) -> None:
    """Check that a record may be changed and deleted.

    Raises:
        Forbidden: The record has the option ``immutable``.
    """
    if isinstance(record, Optioned) and record.options.get("immutable"):
        raise Forbidden(f"Cannot modify immutable resource {record.id}.")
