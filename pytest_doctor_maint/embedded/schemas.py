"""JSON schemas of request bodies: the one layer between the services and the package jsonschema.

A service keeps its schemas next to the handlers that use them, and words the errors itself::

    RESIZE = Schema({"type": "object", "properties": {"flavorRef": {"type": "string", "minLength": 1}}})

    RESIZE.check(body, lambda fault: HttpError(400, f"Invalid input for {fault.path_text}: {fault.message}"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend


def _is_integer(checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


#: JSON Schema counts 1.0 as an integer. Here it is refused, because handlers count with what they get.
StrictValidator = extend(  # type: ignore[no-untyped-call]  # the types of jsonschema leave it out
    Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer)
)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a value.

    Attributes:
        path: Where it is: the names and indexes from the whole value to the wrong part; empty for the whole value.
        value: The wrong part.
        message: What is wrong with it, in the words of jsonschema (``'x' is not of type 'integer'``).
        keyword: The keyword of the schema that it violates (``type``, ``required``, ``maxLength`` ...).
    """

    path: tuple[str | int, ...]
    value: object
    message: str
    keyword: str

    @property
    def path_text(self) -> str:
        """The path with slashes, as in ``server/networks/0``."""
        return "/".join(map(str, self.path))

    @property
    def message_without_value(self) -> str:
        """The message without the wrong part, which may be secret or large."""
        return self.message.replace(repr(self.value), "The value", 1)


class Schema:
    """A JSON schema (draft 2020-12), compiled once.

    The schema itself is not checked here, which takes milliseconds for each of many schemas at each start; a test does.

    Attributes:
        schema: The schema, as JSON.
    """

    # Any: a schema is JSON.
    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema
        self._validator = StrictValidator(schema)

    def fault(self, value: object) -> Fault | None:
        """Return the first fault of ``value`` in the order of paths, or None if the value has the right form."""
        error = min(self._validator.iter_errors(value), key=_position, default=None)
        if error is None:
            return None
        return Fault(tuple(error.absolute_path), error.instance, error.message, str(error.validator))

    def check(self, value: object, error: Callable[[Fault], Exception]) -> None:
        """Check that ``value`` has the right form.

        Args:
            value: The value, as read from JSON.
            error: Returns the exception for a fault, in the words of the service.

        Raises:
            Exception: What ``error`` returned for the first fault.
        """
        if (fault := self.fault(value)) is not None:
            raise error(fault)


def _position(error: ValidationError) -> list[tuple[int, str]]:
    """Return a key by which errors at smaller indexes and at the outside come first."""
    return [(each, "") if isinstance(each, int) else (-1, each) for each in error.absolute_path]
