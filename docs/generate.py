"""The parts of the documentation that are made from the code, as Markdown.

`docs/conf.py` puts what a function of :data:`PARTS` returns in the place of the directive ``{generated} NAME``. A new
claim, fault, setting, kind of event, command or public name appears by itself.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest_doctor_maint
from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS
from pytest_doctor_maint.claims import CLAIMS
from pytest_doctor_maint.claims.claim import Claim, Topic
from pytest_doctor_maint.commands import __main__ as cli
from pytest_doctor_maint.commands.openapi import ACTORS, document_of
from pytest_doctor_maint.faults import FAULTS, Fault
from pytest_doctor_maint.history.kinds import all_kinds
from pytest_doctor_maint.plugin.parametrize import FIXTURES
from pytest_doctor_maint.plugin.settings import SETTINGS
from pytest_doctor_maint.protocol import FENIX, SAMPLE, Step, steps
from pytest_doctor_maint.protocol.constraints import FIELDS
from pytest_doctor_maint.protocol.message import HostMessage, ProjectMessage
from pytest_doctor_maint.protocol.reply import Reply
from pytest_doctor_maint.report.result import schema

#: An entry of a section of a docstring in Google style: the name, and the text with its continuation lines.
_ENTRY = re.compile(r"^    (\w+): (.*(?:\n {8,}.*|\n(?=\n* {8}))*)", re.MULTILINE)
#: A role of reStructuredText, such as ``:class:`Step```, with its target.
_ROLE = re.compile(r":\w+(?::\w+)?:`(?:[^`<]*<)?[~.]?([\w.]+)>?`")
#: The modules before a name in a target: up to a class, or else up to the last part.
_MODULES = re.compile(r"^(?:[a-z_]\w*\.)+(?=[A-Z]|\w+$)")


def markdown(text: str) -> str:
    """Return the text of a docstring, which is reStructuredText, as Markdown."""
    return _ROLE.sub(lambda match: f"`{_MODULES.sub('', match[1])}`", text).replace("``", "`")


def section(docstring: str, title: str) -> dict[str, str]:
    """Return the entries of a section of a docstring in Google style, such as ``Attributes``, by name."""
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)*)", f"{dedent(docstring)}\n", re.MULTILINE)
    entries = _ENTRY.findall(found[1]) if found else []
    return {name: " ".join(markdown(text).split()) for name, text in entries}


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table."""
    titles = tuple(titles)
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def code(text: object) -> str:
    """Return a text as code; empty if it is empty."""
    return f"`{text}`" if str(text) else ""


def docstring_of(thing: object) -> str:
    """Return the docstring of a public object, which has one."""
    return inspect.getdoc(thing) or ""


# -- the plugin ----------------------------------------------------------------------------------------------------


def options() -> str:
    """Return the settings: their names in every place where they can be given, and their defaults."""
    parts = []
    for each in SETTINGS:
        names = [] if each.of_session else [f"marker {code(each.keyword)}"]
        names += [f"ini key {code(each.ini)}"]
        names += [f"environment {code(each.variable)}"] if each.variable else []
        names += ["may be given several times"] if each.repeatable else []
        parts.append(f"### {each.option}\n\n{code(f'{each.option}={each.metavar}')}: {each.help}.\n")
        parts.append(f"- {'; '.join(names)}\n- default: {code(each.show(each.default))}\n")
    return "\n".join(parts)


def commands() -> str:
    """Return the help text of each subcommand of ``doctor-maint``."""
    parts = []
    for name, parser in subparsers().items():
        # The width of a terminal must not change the page.
        parser.formatter_class = _fixed_width(parser.formatter_class)
        parts.append(f"## doctor-maint {name}\n\n```text\n{parser.format_help()}```\n")
    return "\n".join(parts)


def subparsers() -> Mapping[str, argparse.ArgumentParser]:
    """Return the parser of each subcommand of ``doctor-maint``, by name."""
    found = argparse.ArgumentParser(prog="doctor-maint").add_subparsers()
    for module in cli._modules():
        module.add_to(found)
    choices: Mapping[str, argparse.ArgumentParser] = found.choices
    return choices


def _fixed_width(base: Any) -> Any:
    return lambda prog: base(prog, width=100)


def fixtures() -> str:
    """Return the fixtures, which stand in the modules of ``fixtures/``."""
    package = import_module(FIXTURES)
    rows = []
    for path in sorted(Path(package.__path__[0]).glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and any(
                "fixture" in ast.unparse(each) for each in node.decorator_list
            ):
                rows.append((code(node.name), " ".join((ast.get_docstring(node) or "").split())))
    return table(("fixture", "what it is"), rows)


def api() -> str:
    """Return the public names, each with what autodoc makes of it."""
    parts = []
    for module, names in pytest_doctor_maint._PUBLIC.items():
        parts.append(f"## {module}\n")
        for name in names:
            value = getattr(pytest_doctor_maint, name)
            if isinstance(value, type):
                how = f".. autoclass:: {name}\n   :members:"
            elif callable(value):
                how = f".. autofunction:: {name}"
            else:
                how = f".. py:data:: {name}\n   :type: {type(value).__name__}"
            parts.append(f"```{{eval-rst}}\n.. py:currentmodule:: pytest_doctor_maint\n\n{how}\n```\n")
    return "\n".join(parts)


# -- histories and claims --------------------------------------------------------------------------------------------


def claims() -> str:
    """Return the claims by topic: rule, source, parameters, and what must have been observed."""
    by_topic: dict[Topic, list[Claim]] = {topic: [] for topic in Topic}
    for _, each in CLAIMS.items():
        by_topic[each.topic].append(each)
    parts = []
    for topic, those in by_topic.items():
        parts.append(f"## {topic.capitalize()}\n")
        parts += [_claim(each) for each in those]
    return "\n".join(parts)


def _claim(each: Claim) -> str:
    lines = [f"### {each.name}\n", f"{markdown(each.rule)}\n", f"- Source: {each.source}."]
    if each.needs:
        lines.append(f"- Must have been observed: {', '.join(map(code, each.needs))}.")
    for need, part in each.partly.items():
        lines.append(f"- Without {code(need)}, this part is not judged: {part}.")
    for name, parameter in each.parameters.items():
        lines.append(
            f"- Parameter {code(name)}: {parameter.meaning}, {parameter.default:g} {parameter.unit} by default."
        )
    if each.derived:
        lines.append("- About guests: judged from the states of the servers where no guest can be asked.")
    return "\n".join(lines) + "\n"


def kinds() -> str:
    """Return the kinds of events, with the fields of their data."""
    parts = []
    for each in all_kinds():
        parts.append(f"## {each.name}\n\n{markdown(each.meaning)}\n")
        if each.actors:
            parts.append(f"Recorded by: {', '.join(map(code, each.actors))}.\n")
        described = [*((name, text, "yes") for name, text in each.fields.items())]
        described += [(name, text, "") for name, text in each.optional.items()]
        rows = (
            (code(name), each.types[name].name if name in each.types else "any JSON", always, markdown(text))
            for name, text, always in described
        )
        if described:
            parts.append(table(("field", "values", "always there", "meaning"), rows))
    return "\n".join(parts)


def result() -> str:
    """Return the fields of the result of a run of pytest, from its JSON schema."""
    document = schema()
    models = {"The document": document, **document["$defs"]}
    parts = []
    for name, model in models.items():
        parts.append(f"## {name}\n\n{_described(model)}\n")
        if "properties" in model:
            rows = ((code(field), _type(about), _described(about)) for field, about in model["properties"].items())
            parts.append(table(("field", "values", "meaning"), rows))
        else:
            parts.append(f"{_type(model)}\n")
    return "\n".join(parts)


def _described(of: Mapping[str, Any]) -> str:
    """Return the description in a JSON schema, as Markdown in one line."""
    return " ".join(markdown(of.get("description", "")).split())


# -- faults and actors -----------------------------------------------------------------------------------------------


def faults() -> str:
    """Return the faults, with their parameters."""
    parts = []
    for name, each in FAULTS.items():
        parts.append(f"## {name}\n\n{each.injects[0].upper()}{each.injects[1:]}.\n")
        if each.needs:
            parts.append(f"The cloud must have: {', '.join(sorted(each.needs))}.\n")
        parts.append(table(("parameter", "default", "meaning"), _parameters(each)))
    return "\n".join(parts)


def _parameters(fault: type[Fault]) -> Iterator[tuple[str, str, str]]:
    meanings = section(docstring_of(fault), "Attributes")
    for each in fields(fault):  # type: ignore[arg-type] # every fault is a dataclass
        default = "" if each.default is MISSING else str(each.default).lower()
        yield code(each.name), code(default) or "must be given", meanings[each.name]


def actors() -> str:
    """Return the actors that an option can name."""
    rows = (
        (registry.what, code(name), spec.summary, ", ".join(map(code, spec.workflows)) if spec.dialect else "")
        for registry in (ADMIN_TOOLS, APP_MANAGERS, INSPECTORS)
        for name, spec in registry.items()
    )
    return table(("role", "name", "what it is", "workflows"), rows)


# -- the protocol ----------------------------------------------------------------------------------------------------


def words() -> str:
    """Return the words of the two dialects, and the windows for replies."""

    def window(seconds: float | None) -> str:
        return "" if not seconds else f"{seconds:g} s"

    rows = (
        (
            code(step),
            code(SAMPLE.word(step)),
            window(SAMPLE.windows.get(step)),
            code(FENIX.word(step)),
            window(FENIX.windows.get(step)),
        )
        for step in Step
    )
    return table(("step", "sample", "window", "Fenix", "window"), rows)


def answered() -> str:
    """Return the replies to each message that a project must reply to."""
    rows = (
        (code(word), code(steps.ack(word)), code(steps.nack(word)))
        for step in steps.ANSWERED
        for word in dict.fromkeys((SAMPLE.word(step), FENIX.word(step)))
    )
    return table(("message", "agrees", "refuses"), rows)


def project_message() -> str:
    """Return the traits of a message to a project."""
    return _fields(ProjectMessage)


def host_message() -> str:
    """Return the traits of a message about a compute."""
    return _fields(HostMessage)


def reply() -> str:
    """Return the fields of a reply."""
    return _fields(Reply)


def _fields(model: type) -> str:
    rows = ((code(name), text) for name, text in section(docstring_of(model), "Attributes").items())
    return table(("name", "meaning"), rows)


def actions() -> str:
    """Return the actions for an instance."""
    tree = ast.parse(Path(inspect.getfile(steps)).read_text(encoding="utf-8"))
    (action,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Action")
    rows = [
        (code(ast.literal_eval(one.value)), " ".join(str(ast.literal_eval(two.value)).split()))
        for one, two in zip(action.body, action.body[1:], strict=False)
        if isinstance(one, ast.Assign) and isinstance(two, ast.Expr)
    ]
    return table(("action", "meaning"), rows)


def constraints() -> str:
    """Return the fields of the constraints, with their units and ETSI's names."""
    rows = (
        (
            code(each.name),
            each.of,
            each.type.__name__.lower(),
            each.unit,
            code(each.etsi_name),
            "must be given" if each.nothing is None else code(str(each.nothing).lower()),
            "" if each.default is None else code(str(each.default).lower()),
            each.meaning,
        )
        for each in FIELDS
    )
    titles = ("field", "of", "type", "unit", "ETSI's name", "if left out", "Doctor's VNFM", "meaning")
    return table(titles, rows)


def routes() -> str:
    """Return the routes of each actor, from its OpenAPI document."""
    parts = []
    for name, (title, _) in ACTORS.items():
        rows = (
            (
                code(f"{method.upper()} {path}"),
                operation["summary"],
                _schema(operation.get("requestBody")),
                ", ".join(status for status in operation["responses"] if status != "200"),
            )
            for path, methods in document_of(name)["paths"].items()
            for method, operation in methods.items()
        )
        parts.append(f"### {title}\n\n`doctor-maint openapi {name}` prints the document with all schemas.\n")
        parts.append(table(("request", "what it does", "body", "refused with"), rows))
        parts += _bodies(document_of(name))
    return "\n".join(parts)


def _bodies(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields of each model that a route takes."""
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    operations = (operation for methods in document["paths"].values() for operation in methods.values())
    names = dict.fromkeys(_schema(operation.get("requestBody")).strip("`") for operation in operations)
    for name in names:
        if name in schemas:
            schema = schemas[name]
            rows = (
                (code(field), _type(about), "yes" if field in schema.get("required", ()) else "")
                for field, about in schema["properties"].items()
            )
            yield f"{code(name)}:\n\n{table(('field', 'values', 'must be given'), rows)}"


def _type(of: Mapping[str, Any]) -> str:
    """Return the values that a JSON schema allows, in a few words."""
    if "anyOf" in of:
        return " or ".join(map(_type, of["anyOf"]))
    if "$ref" in of:
        return code(of["$ref"].rpartition("/")[2])
    if "const" in of:
        return code(of["const"])
    if "enum" in of:
        return " or ".join(map(code, of["enum"]))
    if isinstance(of.get("additionalProperties"), Mapping):
        return f"object of {_type(of['additionalProperties'])}"
    if of.get("type") == "array":
        return f"list of {_type(of.get('items', {}))}"
    kind: str = of.get("type", "any JSON")
    return kind


def _schema(body: Mapping[str, Any] | None) -> str:
    if body is None:
        return ""
    schema = body["content"]["application/json"]["schema"]
    return code(schema.get("$ref", schema.get("title", "")).rpartition("/")[2])


def figures() -> dict[str, int]:
    """Return the numbers that texts state: of claims, faults and kinds of events."""
    return {"claims": len(CLAIMS), "faults": len(FAULTS), "kinds": len(all_kinds())}


#: The parts by the name that the directive takes.
PARTS: Mapping[str, Callable[[], str]] = {
    part.__name__: part
    for part in (
        options,
        commands,
        fixtures,
        api,
        claims,
        kinds,
        result,
        faults,
        actors,
        words,
        answered,
        project_message,
        host_message,
        reply,
        actions,
        constraints,
        routes,
    )
}
