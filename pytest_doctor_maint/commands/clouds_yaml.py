"""A cloud's entry in a clouds.yaml. Other clouds, comments and settings in the file stay as they are, to the byte.

ruamel.yaml reads the file, with the positions of what it reads, and writes the entry. It does not write the file as a
whole: that would lose or move comments on lines of their own, before the first cloud or after an entry that is
replaced.
"""

from __future__ import annotations

import os
import tempfile
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

#: The comment of an entry that doctor-maint wrote, and may replace.
_MARK = "written by doctor-maint"
#: The indentation of the first cloud in a file.
_INDENT = 2


class CloudsFileError(Exception):
    """The file cannot be used; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class CloudEntry:
    """How to reach a cloud. ``domain_name`` is the domain of both the user and the project."""

    auth_url: str
    username: str
    password: str
    project_name: str
    domain_name: str
    region_name: str

    def as_dict(self) -> dict[str, Any]:
        """Return the entry as openstacksdk reads it."""
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

    Args:
        path: The file; it need not exist.
        name: The name of the cloud.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name

    def check(self) -> None:
        """Check that :meth:`write` can write the entry.

        Raises:
            CloudsFileError: The entry cannot be written.
        """
        if not self.path.parent.is_dir():
            raise CloudsFileError(f"there is no folder {self.path.parent}")
        self._edited(CloudEntry("", "", "", "", "", ""))

    def write(self, entry: CloudEntry) -> None:
        """Write the entry, in place of an earlier entry of doctor-maint with that name.

        The file is replaced as a whole, and only its owner can read it afterwards.

        Raises:
            CloudsFileError: The file cannot be read, understood or written, or the name is taken.
        """
        text = self._edited(entry)
        # A link is followed, so that it still is a link afterwards.
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
        """Return the text of the file with the entry. The text is parsed again, to check that its content is right."""
        text = self._read()
        wanted = self._meaning(text)
        wanted["clouds"] = {**(wanted.get("clouds") or {}), self.name: entry.as_dict()}
        edited = self._with_entry(text, entry)
        try:
            is_right = _load(edited) == wanted
        except YAMLError:
            is_right = False
        if not is_right:
            raise self._unsafe()
        return edited

    def _read(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise CloudsFileError(f"{self.path} cannot be read: {error}") from error

    def _meaning(self, text: str) -> dict[str, Any]:
        """Return the document; an empty mapping if the file is empty."""
        try:
            document = _load(text)
        except YAMLError as error:
            raise CloudsFileError(f"{self.path} is not YAML: {' '.join(str(error).split())}") from error
        if document is None:
            return {}
        if not isinstance(document, dict) or not isinstance(document.get("clouds") or {}, dict):
            raise CloudsFileError(f"{self.path} is not a clouds.yaml: it needs a mapping 'clouds'")
        return document

    def _with_entry(self, text: str, entry: CloudEntry) -> str:
        """Return ``text`` with the entry in place of an earlier one, or else in front of the other clouds."""
        lines = text.splitlines(keepends=True)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        pairs = _pairs(YAML().compose(text))
        if "clouds" not in pairs:
            return "".join([*lines, "clouds:\n", self._block(entry, _INDENT)])
        key, value = pairs["clouds"]
        if isinstance(value, MappingNode) and value.flow_style:
            raise self._unsafe()
        first = last = key.start_mark.line + 1
        clouds = _pairs(value)
        indent = min((name.start_mark.column for name, _ in clouds.values()), default=_INDENT)
        if self.name in clouds:
            name, found = clouds[self.name]
            first, last = name.start_mark.line, _last_line(found) + 1
            if f"# {_MARK}" not in lines[first]:
                raise CloudsFileError(
                    f"{self.path} already has a cloud {self.name}, which doctor-maint did not write; "
                    "choose another --cloud-name"
                )
        return "".join([*lines[:first], self._block(entry, indent), *lines[last:]])

    def _block(self, entry: CloudEntry, indent: int) -> str:
        """Return the lines of the entry, indented by ``indent`` columns."""
        document = CommentedMap({self.name: _quoted(entry.as_dict())})
        document.yaml_add_eol_comment(_MARK, self.name)
        yaml = YAML()
        yaml.map_indent = indent
        # Nothing may be folded: the entry has one line for each value.
        yaml.width = 1_000_000
        written = StringIO()
        yaml.dump(document, written)
        return textwrap.indent(written.getvalue(), " " * indent)

    def _unsafe(self) -> CloudsFileError:
        return CloudsFileError(
            f"an entry cannot be added safely to the YAML of {self.path}; name another file for this cloud"
        )


def _load(text: str) -> Any:
    """Return the meaning of a YAML text."""
    return YAML(typ="safe", pure=True).load(text)


def _pairs(node: Node | None) -> dict[str, tuple[Node, Node]]:
    """Return the keys and values of a mapping, with their positions, by the keys' text; empty for any other node."""
    return {key.value: (key, value) for key, value in node.value} if isinstance(node, MappingNode) else {}


def _last_line(node: Node) -> int:
    """Return the number of the last line of a value; comments after it are not part of it."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.line)
    last = node.value[-1]
    return _last_line(last[1] if isinstance(node, MappingNode) else last)


def _quoted(value: Mapping[str, Any]) -> CommentedMap:
    """Return an entry whose strings are all quoted: YAML 1.1, which openstacksdk reads, has numbers and booleans that
    ruamel.yaml would not quote.
    """
    return CommentedMap(
        {
            key: _quoted(item) if isinstance(item, Mapping) else DoubleQuotedScalarString(item)
            for key, item in value.items()
        }
    )
