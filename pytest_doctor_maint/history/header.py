"""The header of a saved history: the name and the version of the file format.

The header is the first line of the file, ``{"format": "doctor-maint-history", "version": 1}``. The lines that follow
are events. A file without a header has version 1.
"""

from __future__ import annotations

import json

FORMAT = "doctor-maint-history"
VERSION = 1


def header() -> str:
    """Return the header as one line of JSON."""
    return json.dumps({"format": FORMAT, "version": VERSION})


def read_header(line: str) -> bool:
    """Return True if ``line`` is a header that this program can read, and False if it is not a header.

    A header is a JSON object that names a format.

    Raises:
        ValueError: It is the header of another format, or of a version that this program cannot read.
    """
    try:
        fields = json.loads(line)
    except ValueError:
        return False
    if not isinstance(fields, dict) or "format" not in fields:
        return False
    if fields["format"] != FORMAT:
        raise ValueError(f"the file format is {fields['format']!r}; allowed: {FORMAT!r}")
    # A bool is an int in Python, but not in JSON.
    version = fields.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= VERSION:
        raise ValueError(f"the version of the file format is {version!r}; this program can read {VERSION}")
    return True
