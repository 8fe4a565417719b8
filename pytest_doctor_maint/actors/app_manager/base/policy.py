"""How an app manager decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_doctor_maint.openstack.servers import ServerState
from pytest_doctor_maint.protocol import Action, ProjectMessage, Step

#: How many instances go at DOWN_SCALE by default: as many as fill one compute.
SCALE_DOWN_COUNT = 2
SCALE_DOWN_WORDS = ("spread", "one_compute")


@dataclass(frozen=True)
class Policy:
    """What an app manager decides by itself. A subclass may decide worse, to see whether that is found.

    Attributes:
        scale_down: Which instances go at DOWN_SCALE: ``spread`` takes them from different computes and empties none as
            long as that is possible, ``one_compute`` takes all of one compute's, and names are taken as they are.
        scale_down_by: How many go at each DOWN_SCALE, unless names say which.
        action: What is to be done with an instance that must leave its compute, or a function that says so. Where it is
            not allowed, the first allowed action is taken.
        delay: Seconds between a message and its answer, at least.
        last_second: Answer one second before the answer is due.
        refuse: Steps that are answered with NACK.
        ignore: Steps that are not answered.
        switch_over: Whether the floating IP leaves an instance before that is hit.
        own_action_first: Whether OWN_ACTION is done before the answer, or after it.

    Raises:
        ValueError: ``scale_down`` or ``action`` is a word that means nothing, or ``scale_down_by`` is no number of
            instances.
    """

    scale_down: str | Sequence[str] = "spread"
    scale_down_by: int = SCALE_DOWN_COUNT
    action: Action | str | Callable[[ServerState], Action] = Action.MIGRATE
    delay: float = 0.0
    last_second: bool = False
    refuse: Collection[Step] = ()
    ignore: Collection[Step] = ()
    switch_over: bool = True
    own_action_first: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.scale_down, str) and self.scale_down not in SCALE_DOWN_WORDS:
            raise ValueError(
                f"scale_down: {self.scale_down!r} is none of {', '.join(SCALE_DOWN_WORDS)}, nor a sequence of names"
            )
        if self.scale_down_by < 1:
            raise ValueError(f"scale_down_by: {self.scale_down_by!r} is less than 1")
        if isinstance(self.action, str) and self.action not in list(Action):
            raise ValueError(f"action: {self.action!r} is none of {', '.join(Action)}")

    def instances_to_remove(self, servers: Sequence[ServerState], removable: Collection[str]) -> list[str]:
        """The names of the instances that go at DOWN_SCALE.

        An ordinary project does not see hosts, only ``hostId``, which is the same for all its instances on one compute.
        Computes are told apart by that, and only by the project's own instances: what others have there is unknown.

        Args:
            servers: All instances of the application.
            removable: The names of those that may go.
        """
        if not isinstance(self.scale_down, str):
            return [name for name in self.scale_down if name in removable]
        by_compute: dict[str, list[str]] = {}
        for server in sorted(servers, key=lambda server: server.name):
            by_compute.setdefault(server.host_id, []).append(server.name)
        choose = _from_one_compute if self.scale_down == "one_compute" else _from_different_computes
        return choose(list(by_compute.values()), removable, self.scale_down_by)

    def action_for(self, server: ServerState, allowed: Sequence[Action]) -> Action:
        """What is to be done with ``server``."""
        wanted = self.action(server) if callable(self.action) else Action(self.action)
        return allowed[0] if allowed and wanted not in allowed else wanted

    def answers(self, message: ProjectMessage, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """What is sent to the message's ``reply_url``, one after the other: ``body``, once."""
        return [body]


def _from_different_computes(computes: list[list[str]], removable: Collection[str], count: int) -> list[str]:
    """One from each of the fullest computes, and round again if there are fewer computes than are needed."""
    chosen: list[str] = []
    left = [list(names) for names in computes]
    while len(chosen) < count:
        # Sorting is stable: among equally full computes the one whose first instance has the lowest name leads.
        left.sort(key=len, reverse=True)
        from_each = [next((name for name in names if name in removable), None) for names in left]
        if not any(from_each):
            break
        for names, name in zip(left, from_each, strict=True):
            if name is not None and len(chosen) < count:
                names.remove(name)
                chosen.append(name)
    return chosen


def _from_one_compute(computes: list[list[str]], removable: Collection[str], count: int) -> list[str]:
    """All instances of a compute that this empties; where there is none, as many as possible from one compute."""
    removable_there = [[name for name in names if name in removable] for names in computes]
    emptied = [
        there for names, there in zip(computes, removable_there, strict=True) if there == names and len(there) <= count
    ]
    chosen = max(emptied or removable_there, key=lambda names: len(names), default=[])
    others = [name for there in removable_there for name in there if name not in chosen]
    return [*chosen, *others][:count]
