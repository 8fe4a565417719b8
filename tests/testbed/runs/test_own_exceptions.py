"""Exceptions in the user's own parts are kept with the user's frames, for the first lines of a failure."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from pytest_doctor_maint import AppManager, Fault, Inspector, ProjectMessage, RunBroken, Scenario, Step, Target
from pytest_doctor_maint.protocol import Action
from pytest_doctor_maint.testbed.settings import TestbedSettings

GIVEN = Scenario(TestbedSettings(wire="memory")).on(3).with_one_empty_compute().maintaining("compute-1")


def look_up(key: str) -> str:
    """Raise KeyError."""
    table: dict[str, str] = {}
    return table[key]


class Dying(AppManager):
    """It dies of each message."""

    def handle(self, step: Step, message: ProjectMessage) -> None:
        look_up("my constraint")


class Logging(AppManager):
    """It is written with a web framework, which logs the exception and answers."""

    def prepare(self, step: Step, message: ProjectMessage) -> dict[str, Action]:
        try:
            look_up("my constraint")
        except KeyError:
            logging.getLogger("framework").exception("Exception on /maintenance [POST]")
        return super().prepare(step, message)


class Refusing(Inspector):
    """Its mistake is a ValueError, which is answered as a refusal."""

    def receive(self, body: Mapping[str, object]) -> None:
        int(look_up.__name__)
        raise ValueError("my Inspector has a mistake")


class Unfinished(AppManager):
    """It cannot be made."""

    def __init__(self, context: object) -> None:
        look_up("my constructor")


@dataclass(frozen=True)
class Clumsy(Fault):
    """A fault with a mistake."""

    name = "clumsy"
    injects = "nothing"

    def strike(self, target: Target) -> None:
        look_up("my fault")

    def heal(self, target: Target) -> None:
        """Do nothing."""


def shown(given: Scenario) -> list[list[str]]:
    """Carry a scenario out, and return the lines about each exception."""
    try:
        result = given.carry_out()
    except RunBroken as broken:
        return [broken.lines, *(each.lines for each in broken.result.exceptions)]
    return [each.lines for each in result.exceptions]


@pytest.mark.parametrize(
    ("given", "who", "function"),
    [
        (GIVEN.where(make_app_manager=Dying), "the app manager Dying: KeyError: 'my constraint'", "handle"),
        (GIVEN.where(make_app_manager=Logging), "the app manager Logging: KeyError: 'my constraint'", "prepare"),
        (GIVEN.where(make_inspector=Refusing), "the Inspector Refusing: ValueError: invalid literal", "receive"),
        (GIVEN.where(make_app_manager=Unfinished), "the app manager Unfinished: KeyError: 'my cons", "__init__"),
        (GIVEN.with_faults(Clumsy()), "the fault clumsy: KeyError: 'my fault'", "strike"),
    ],
)
def test_an_exception_has_its_owner_and_the_frames_of_the_user(given: Scenario, who: str, function: str) -> None:
    first, *others = shown(given)
    assert who in first[0]
    assert __file__ in first[1]
    assert first[1].endswith(f"in {function}")
    # The frames of this package are cut.
    assert not [line for line in first if line.startswith("  File") and __file__ not in line]
    # The same exception of each message is shown once.
    assert not others


def test_a_run_without_exceptions_has_none() -> None:
    assert shown(GIVEN) == []
