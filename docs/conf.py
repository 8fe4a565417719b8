"""The configuration of Sphinx, and the directive that shows what is made from the code."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import pytest_doctor_maint

# At the end: the installed plugin is the one that is described.
sys.path.append(str(Path(__file__).parent))

import generate

project = "pytest-doctor-maint"
version = release = version_of("pytest-doctor-maint")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"pytest-doctor-maint {release}"
html_show_copyright = False
myst_heading_anchors = 4
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_preserve_defaults = True
napoleon_use_ivar = True
# The annotations of pydantic's fields, and default values.
nitpick_ignore_regex = [("py:class", r".*([=\[({]|'>:).*|types\.Annotated")]
python_use_unqualified_type_names = True


class Generated(Directive):
    """Shows the part of the documentation that a function of `generate.py` makes."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the part.

        The sections of a part that begins with a heading become those of the page.
        """
        env = self.state.document.settings.env
        env.note_dependency(generate.__file__)
        text = generate.PARTS[self.arguments[0]]()
        parsed = nodes.Element()
        self.state.nested_parse(text.splitlines(), self.content_offset, parsed, match_titles=True)
        return list(parsed.children)


def show_as_text(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Resolve a reference by an internal path to the public name, and show the name of what is not public as text.

    A reference to something that does not exist stays an error.
    """
    if node.get("refdomain") != "py":
        return None
    target: str = node.get("reftarget", "")
    name = target.rpartition(".")[2]
    if name in pytest_doctor_maint.__all__:
        public = f"pytest_doctor_maint.{name}"
        reference: Any = env.get_domain("py").resolve_xref(
            env, node["refdoc"], app.builder, "obj", public, node, content
        )
        return reference
    return content if _exists(target) else None


@cache
def _names() -> frozenset[str]:
    """Return the names in the modules of this package and of those that it uses, and in their classes."""
    for found in pkgutil.walk_packages(pytest_doctor_maint.__path__, f"{pytest_doctor_maint.__name__}."):
        if not found.name.endswith(".__main__") and ".scenarios." not in found.name:
            importlib.import_module(found.name)
    names: set[str] = set()
    for module in list(sys.modules.values()):
        for name, value in vars(module).items():
            names |= {name, *vars(value)} if isinstance(value, type) else {name}
    return frozenset(names) | sys.modules.keys()


def _exists(target: str) -> bool:
    """Return True if each part of a dotted name is the name of something, or the whole is a module."""
    return target in sys.modules or all(part in _names() for part in target.split("."))


def name_fields(
    app: Sphinx, what: str, name: str, thing: object, options: object, signature: str | None, returns: str | None
) -> tuple[str, None] | None:
    """Show the fields of a dataclass without their defaults, which are long; the fields are described below."""
    if not (isinstance(thing, type) and is_dataclass(thing)):
        return None
    return f"({', '.join(field.name for field in fields(thing) if field.init)})", None


def keep_colons(app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Show "Text: more text" of an attribute as it is. Napoleon would take the words before the colon for a type."""
    if what in ("attribute", "data", "property"):
        lines[:1] = [line.replace(": ", " -- ", 1) for line in lines[:1]]


def setup(app: Sphinx) -> None:
    """Add the directive, and the handlers of docstrings and references."""
    app.connect("autodoc-process-signature", name_fields)
    app.connect("autodoc-process-docstring", keep_colons, priority=100)
    app.add_directive("generated", Generated)
    app.connect("missing-reference", show_as_text)
