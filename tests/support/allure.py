"""Allure's own reporter with one test, whose results stay in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import allure_commons
from allure_commons.logger import AllureMemoryLogger
from allure_commons.model2 import TestResult
from allure_commons.reporter import AllureReporter

UUID = "a-test"


class AllureListener:
    """Stands for the listener of Allure's plugin, which is recognized by its name."""

    def __init__(self) -> None:
        self.allure_logger: Any = AllureReporter()  # type: ignore[no-untyped-call]


class RecordedAllure:
    """What Allure has of one test.

    Attributes:
        test: The test, as Allure writes it.
        attached: The bodies of the attachments by their names.
    """

    def __init__(self, test: Any, files: dict[str, str]) -> None:
        self.test = test
        self._files = files

    @property
    def attached(self) -> dict[str, str]:
        return {each.name: self._files[each.source] for each in self.test.attachments}

    @property
    def titles(self) -> list[str]:
        """The titles of all steps, those of a step's parts after its own."""
        return [step.name for step in self.steps()]

    def steps(self, within: Any = None) -> Iterator[Any]:
        """Yield all steps, each followed by its parts."""
        for step in (within or self.test).steps:
            yield step
            yield from self.steps(step)


@contextmanager
def recorded_allure() -> Iterator[RecordedAllure]:
    """Let Allure report about a test as long as the block lasts."""
    listener, logger = AllureListener(), AllureMemoryLogger()  # type: ignore[no-untyped-call]
    manager: Any = allure_commons.plugin_manager
    for plugin in (listener, logger):
        manager.register(plugin)
    test = TestResult()
    listener.allure_logger.schedule_test(UUID, test)
    try:
        yield RecordedAllure(test, logger.attachments)
    finally:
        listener.allure_logger.close_test(UUID)
        for plugin in (listener, logger):
            manager.unregister(plugin)
