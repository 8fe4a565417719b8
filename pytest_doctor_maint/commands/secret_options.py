"""Options whose value is a secret: in the command line, every user of the machine can read it (``ps``)."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from pytest_doctor_maint.commands.arguments import not_empty

#: The variables of the environment for secrets. The second one is also that of the plugin's option.
ADMIN_PASSWORD, TRANSPORT_URL = "DOCTOR_MAINT_ADMIN_PASSWORD", "MAINT_TRANSPORT_URL"


def add_secret(parser: argparse.ArgumentParser, option: str, variable: str, metavar: str, text: str) -> None:
    """Add an option for a secret, and ``OPTION-file`` for a file that holds the secret.

    Without both, the secret comes from an environment variable, see :func:`secret_of`.

    Args:
        parser: The parser.
        option: The option, such as ``--admin-password``.
        variable: The environment variable.
        metavar: The name of the value in the help text.
        text: The help text.
    """
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        option,
        type=not_empty,
        metavar=metavar,
        help=f"{text}; every user of this machine can read the command line: rather set {variable}",
    )
    group.add_argument(
        f"{option}-file", type=_content, metavar="FILE", help=f"a file whose content is the value of {option}"
    )


def secret_of(options: argparse.Namespace, option: str, variable: str) -> str | None:
    """Return the value of an option that :func:`add_secret` added; None if nothing sets it.

    The value comes from the option, the content of its file, or the environment variable, in this order.
    """
    name = option.lstrip("-").replace("-", "_")
    given: str | None = getattr(options, name) or getattr(options, f"{name}_file")
    return given or os.environ.get(variable) or None


def _content(path: str) -> str:
    """Return the content of a file without the end of its last line."""
    try:
        text = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise argparse.ArgumentTypeError(f"cannot read {path}: {reason}") from error
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{path} is empty")
    return text
