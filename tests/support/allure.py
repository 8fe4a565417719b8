"""A double of allure that records its calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class FakeAllure:
    """Records the titles of steps and the attachments."""

    class attachment_type:  # noqa: N801  # as in allure
        TEXT, SVG, JSON = "text", "svg", "json"

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.attached: dict[str, str] = {}

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self.steps.append(title)
        yield

    def attach(self, body: str, name: str, attachment_type: str, extension: str = "") -> None:
        self.attached[name] = body
