"""A cloud's entry in a clouds.yaml that may hold other clouds, comments and settings, which all stay as they are."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

#: Tells an entry of ours, which may be replaced, from somebody's own.
_MARK = "# written by doctor-maint"


class CloudsFileError(Exception):
    """The file cannot be used; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class CloudEntry:
    """How to reach a cloud. ``domain_name`` is that of both the user and the project."""

    auth_url: str
    username: str
    password: str
    project_name: str
    domain_name: str
    region_name: str

    def as_dict(self) -> dict[str, Any]:
        """The entry as openstacksdk reads it."""
        return {
            "auth": {
                "auth_url": self.auth_url,
                "username": self.username,
                "password": self.password,
                "project_name": self.project_name,
                "user_domain_name": self.domain_name,
                "project_domain_name": self.domain_name,
            },
            "region_name": self.region_name,
            "identity_api_version": "3",
            "interface": "public",
        }


class CloudsFile:
    """One cloud's entry in a clouds.yaml.

    The file's text is edited, not written anew, and the result is read back before it is used: everything else in it
    must be as it was.

    Args:
        path: The file; it need not be there.
        name: The cloud's name.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name

    def check(self) -> None:
        """See whether :meth:`write` can work.

        Raises:
            CloudsFileError: It cannot.
        """
        if not self.path.parent.is_dir():
            raise CloudsFileError(f"there is no folder {self.path.parent}")
        self._edited(CloudEntry("", "", "", "", "", ""))

    def write(self, entry: CloudEntry) -> None:
        """Enter the cloud, in place of an earlier entry of ours of that name. Only the file's owner can read it then.

        Raises:
            CloudsFileError: The file cannot be read, understood or written, or the name is taken.
        """
        text = self._edited(entry)
        # A link is followed, so that it is still one afterwards.
        target = self.path.resolve()
        try:
            handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(text)
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink()
                raise
        except OSError as error:
            raise CloudsFileError(f"{self.path} cannot be written: {error.strerror}") from error

    def _edited(self, entry: CloudEntry) -> str:
        text = self._read()
        before = self._parsed(text)
        lines = text.splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        if before is None:
            edited = "".join([*lines, "clouds:\n", *self._block(entry, "  ")])
        else:
            edited = "".join(self._replaced(lines, entry))
        wanted: dict[str, Any] = dict(before or {})
        wanted["clouds"] = {**(wanted.get("clouds") or {}), self.name: entry.as_dict()}
        try:
            understood = yaml.safe_load(edited) == wanted
        except yaml.YAMLError:
            understood = False
        if not understood:
            raise CloudsFileError(
                f"{self.path} is written in a way that cannot be added to safely; name a file of its own for this cloud"
            )
        return edited

    def _read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise CloudsFileError(f"{self.path} cannot be read: {error}") from error

    def _parsed(self, text: str) -> dict[str, Any] | None:
        """The document; None when there is nothing in it."""
        try:
            document = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise CloudsFileError(f"{self.path} is not YAML: {' '.join(str(error).split())}") from error
        if document is None:
            return None
        if not isinstance(document, dict) or not isinstance(document.get("clouds") or {}, dict):
            raise CloudsFileError(f"{self.path} is no clouds.yaml: it needs a mapping 'clouds'")
        return document

    def _replaced(self, lines: list[str], entry: CloudEntry) -> list[str]:
        """``lines`` with the entry at the head of the clouds, and without an earlier one of ours."""
        top = next((number for number, line in enumerate(lines) if line.startswith("clouds:")), None)
        if top is None:
            return [*lines, "clouds:\n", *self._block(entry, "  ")]
        end = next((number for number in range(top + 1, len(lines)) if _indent(lines[number]) == 0), len(lines))
        clouds = lines[top + 1 : end]
        indent = min((_indent(line) or 2 for line in clouds if _indent(line) is not None), default=2)
        for number, line in enumerate(clouds):
            if _indent(line) == indent and line.strip().partition(":")[0].strip("'\"") == self.name:
                if _MARK not in line:
                    raise CloudsFileError(
                        f"{self.path} already has a cloud {self.name}, which doctor-maint did not write; "
                        "choose another --cloud-name"
                    )
                last = number + 1
                # Ours has no comments within; one that follows belongs to the next cloud.
                while last < len(clouds) and (_indent(clouds[last]) or 0) > indent:
                    last += 1
                del clouds[number:last]
                break
        return [*lines[: top + 1], *self._block(entry, " " * indent), *clouds, *lines[end:]]

    def _block(self, entry: CloudEntry, indent: str) -> list[str]:
        block = [f"{indent}{self.name}: {_MARK}\n"]
        for key, value in entry.as_dict().items():
            if isinstance(value, dict):
                block.append(f"{indent * 2}{key}:\n")
                block += [f"{indent * 3}{inner}: {json.dumps(text)}\n" for inner, text in value.items()]
            else:
                block.append(f"{indent * 2}{key}: {json.dumps(value)}\n")
        return block


def _indent(line: str) -> int | None:
    """How far a line is indented; None when there is nothing on it but a comment."""
    text = line.lstrip(" ")
    return None if not text.strip() or text.startswith("#") else len(line) - len(text)
