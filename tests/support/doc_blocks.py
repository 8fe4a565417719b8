"""The code blocks of the documentation: what a reader types, saves and reads.

A block of ``bash`` is typed into one shell that a page has, in an empty folder. A block of another language whose first
line is a comment with the name of a file is saved under that name. A block of ``text`` after one of ``bash`` shows
lines of what was printed, with ``...`` for what differs from run to run; ``console`` shows what another test compares.
Two comments in the first line of a block of ``bash`` say what a test must know, and readers may know:

- ``# Exit code: 1``: a command of the block ends with this code; otherwise every command ends with 0.
- ``# Not run in the tests: REASON``: the block needs what a test does not have. Its command lines are still parsed.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: The languages of blocks. ``text``, ``console`` and ``json`` are shown, all others are used.
LANGUAGES = {"bash", "python", "ini", "toml", "yaml", "text", "console", "json"}
#: The tutorial, in the order in which it is read. One shell follows it from the first page to the last.
TUTORIAL = tuple(
    f"docs/tutorial/{name}.md" for name in ("first-green-run", "first-red-run", "own-vnfm", "own-admin-tool")
)

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<marks>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)(?P=marks) *$", re.M | re.S
)
_FILE = re.compile(r"# ([\w.-]+\.(?:py|ini|toml|yaml|cfg))\n")
_CODE = re.compile(r"# Exit code: (\d+)\n")
_NOT_RUN = re.compile(r"# Not run in the tests: (.+)\n")
#: What ends a command in a line of a shell, or begins another one.
_SEPARATORS = re.compile(r"[;&|()\n]+")


@dataclass(frozen=True)
class Block:
    """One block.

    Attributes:
        page: The path of the page, from the top of the checkout.
        line: The number of the block's first line.
        language: The word after the fence.
        text: The block.
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def file(self) -> str | None:
        """The name under which a reader saves the block; None if it is typed or read."""
        found = _FILE.match(self.text) if self.language not in ("bash", "text", "console", "json") else None
        return found and found[1]

    @property
    def exit_code(self) -> int:
        """The exit code of a command of the block that does not end with 0; 0 if there is none."""
        found = _CODE.match(self.text)
        return int(found[1]) if found else 0

    @property
    def not_run(self) -> str | None:
        """Why the block is not run in a test; None if it is."""
        found = _NOT_RUN.match(self.text)
        return found and found[1]

    @property
    def is_typed(self) -> bool:
        """True if a test types the block into a shell."""
        return self.language == "bash" and self.not_run is None

    def commands(self) -> Iterator[list[str]]:
        """Yield the words of each command of a block of ``bash``, without redirections."""
        lexer = shlex.shlex(_without_comments(self.text), posix=True, punctuation_chars=";&|()<>\n")
        lexer.whitespace = " \t"
        lexer.commenters = ""
        lexer.whitespace_split = True
        words: list[str] = []
        is_target = False
        for word in lexer:
            if _SEPARATORS.fullmatch(word):
                if words:
                    yield words
                words = []
            elif set(word) <= set("<>&"):
                is_target = True
            elif is_target:
                is_target = False
            else:
                words.append(word)
        if words:
            yield words


def _without_comments(text: str) -> str:
    lines = (re.sub(r"(^|\s)#.*", "", line) for line in text.replace("\\\n", " ").splitlines())
    return "\n".join(lines) + "\n"


def pages() -> list[str]:
    """Return the pages of the documentation: README.md and those below docs/."""
    found = [path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts]
    return ["README.md", *sorted(found)]


def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page. Directives of Sphinx are none."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        language = match["info"].strip()
        if not language.startswith("{"):
            indent = match["indent"]
            body = "".join(line.removeprefix(indent) for line in match["text"].splitlines(keepends=True))
            found.append(Block(page, text.count("\n", 0, match.start()) + 1, language, body))
    return found


def shown_after(blocks: Sequence[Block]) -> Iterator[tuple[Block, Block]]:
    """Yield each block of ``text`` after one of ``bash`` that is run, with the latter."""
    typed = None
    for block in blocks:
        if block.language == "text" and typed is not None:
            yield typed, block
        elif block.language != "text":
            typed = block if block.is_typed else None


def missing_lines(shown: str, printed: str) -> list[str]:
    """Return the lines of a block of ``text`` that were not printed. ``...`` in a line stands for anything."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    missing = []
    for line in shown.splitlines():
        squeezed = " ".join(line.split())
        pattern = "*".join(map(_literally, squeezed.split("...")))
        if squeezed.strip(" .") and not any(fnmatchcase(each, pattern) for each in lines):
            missing.append(line)
    return missing


def _literally(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)
