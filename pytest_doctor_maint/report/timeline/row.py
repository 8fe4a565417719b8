"""A row of the picture: a name on the left, and what happened to its bearer on the right."""

from __future__ import annotations

from abc import ABC, abstractmethod

from pytest_doctor_maint.report.timeline.drawing import Drawing
from pytest_doctor_maint.report.timeline.flags import Flag
from pytest_doctor_maint.report.timeline.marks import Breach
from pytest_doctor_maint.report.timeline.subjects import Key


class Row(ABC):
    """A row. It is drawn in full, or as a strip of a few pixels among others if there is no room for all.

    Args:
        key: What the row is about.
        label: The name.
        note: What is shown below the name.

    Attributes:
        shown: The name as there is room for it.
        breaches: The violations about its subject.
        flags: Moments to be named, above the bars.
        is_troubled: True if something about its subject must not be hidden in a strip.
    """

    def __init__(self, key: Key, label: str, note: str = "") -> None:
        self.key = key
        self.label = label
        self.shown = label
        self.note = note
        self.breaches: list[Breach] = []
        self.flags: list[Flag] = []
        self.is_troubled = False

    @property
    def is_telling(self) -> bool:
        """True if the row says something about what went wrong."""
        return self.is_troubled or bool(self.breaches)

    @abstractmethod
    def draw(self, drawing: Drawing, y: float) -> float:
        """Draw the bars in full from ``y`` on, and return their lower edge."""

    @abstractmethod
    def draw_strip(self, drawing: Drawing, y: float, height: float) -> None:
        """Draw the bars as a strip, without words."""
