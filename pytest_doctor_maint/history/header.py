"""The header of a saved history: the name and the version of the file format.

The header is the first line of the file, ``{"format": "doctor-maint-history", "version": 1}``. The lines that follow
are events. A file without a header has version 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

FORMAT = "doctor-maint-history"
VERSION = 1


def header() -> str:
    """Return the header as one line of JSON."""
    return json.dumps({"format": FORMAT, "version": VERSION})


def is_header(fields: Mapping[str, object]) -> bool:
    """Return True if ``fields`` are a header that this program can read, and False if they are not a header.

    A header is a JSON object that names a format.

    Raises:
        ValueError: It is the header of another format, or of a version that this program cannot read.
    """
    if "format" not in fields:
        return False
    if fields["format"] != FORMAT:
        raise ValueError(f"the file format is {fields['format']!r:.80}; allowed: {FORMAT!r}")
    # A bool is an int in Python, but not in JSON.
    version = fields.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= VERSION:
        raise ValueError(f"the version of the file format is {version!r:.80}; this program can read {VERSION}")
    return True
