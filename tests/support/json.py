"""The type of JSON answers."""

from typing import Any, TypeAlias

#: A JSON value of an answer. It is Any because a test reads the fields that it expects; a missing field fails the test.
Json: TypeAlias = Any
