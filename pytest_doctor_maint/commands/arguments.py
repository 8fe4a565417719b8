"""Readers of arguments: each returns the value, or raises with what is wrong and what is allowed."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of a whole number from `least` to `most`."""

    def read(text: str) -> int:
        number = int(text) if text.isascii() and text.isdigit() else -1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text!r}")
        return number

    return read


def positive_number(text: str) -> float:
    """Read a number above 0."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text!r}")
    return number


def not_empty(text: str) -> str:
    """Read a text that is not empty."""
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text


def cloud_name(text: str) -> str:
    """Read the name of a cloud, which must be a plain key in YAML."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", text):
        raise argparse.ArgumentTypeError(f"must be letters, digits, dots, dashes and underscores, not {text!r}")
    return text


def add_address(parser: argparse.ArgumentParser, port: int) -> None:
    """Add the options of the address to listen on; `port` is the default, and 0 takes a free port."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--public-host",
        default="",
        metavar="HOST",
        help="the name or address that clients use, if it is not --host: for a container, or with --host 0.0.0.0 "
        "(default: --host; 127.0.0.1 for 0.0.0.0, ::1 for ::)",
    )
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        default=port,
        metavar="N",
        help=f"the port to listen on; 0 takes a free one (default: {port})",
    )


def cannot_listen(options: argparse.Namespace, error: OSError) -> str:
    """Return the message about an address that cannot be bound."""
    reason = error.strerror or error
    return f"argument --host, --port: cannot listen on {options.host}:{options.port}: {reason}"
