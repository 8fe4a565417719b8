"""How an app manager decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from pytest_doctor_maint.openstack.servers import ServerState
from pytest_doctor_maint.protocol import Action, ProjectMessage, Step
from pytest_doctor_maint.refusal import Refusal, suggestion

#: The number of instances that are removed at DOWN_SCALE by default: those that fill one compute.
SCALE_DOWN_COUNT = 2
SCALE_DOWN_WORDS = ("spread", "one_compute")


class InvalidDecision(Refusal, ValueError):
    """A decision of a policy does not exist; the message says what is allowed."""


@dataclass(frozen=True)
class Policy:
    """The decisions of an app manager. A subclass overrides the methods to decide otherwise.

    Attributes:
        scale_down: The instances to remove at DOWN_SCALE: ``spread`` takes them from different computes and empties no
            compute as long as possible, ``one_compute`` takes all instances of one compute, and a sequence of names
            names the instances.
        scale_down_by: The number of instances to remove at each DOWN_SCALE, unless ``scale_down`` names them.
        action: The action for an instance that must leave its compute, or a function that returns it. Where that action
            is not allowed, the first allowed action is taken.
        delay: The least number of seconds between a message and its reply.
        last_second: True to reply one second before the reply is due.
        refuse: Steps to reply to with NACK.
        ignore: Steps not to reply to.
        switch_over: True if the floating IP leaves an instance before the instance is impacted.
        own_action_first: True to carry out OWN_ACTION before the reply; otherwise after it.

    Raises:
        InvalidDecision: ``scale_down`` or ``action`` is an unknown word, or ``scale_down_by`` is less than 1.
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
            near = suggestion(self.scale_down, SCALE_DOWN_WORDS)
            allowed = f"{', '.join(SCALE_DOWN_WORDS)}, a sequence of names"
            raise InvalidDecision(f"invalid scale_down {self.scale_down!r}{near}; allowed: {allowed}")
        if self.scale_down_by < 1:
            raise InvalidDecision(f"invalid scale_down_by {self.scale_down_by!r}; allowed: 1 or more")
        if isinstance(self.action, str) and self.action not in list(Action):
            near = suggestion(self.action, Action)
            raise InvalidDecision(f"invalid action {self.action!r}{near}; allowed: {', '.join(Action)}")

    def instances_to_remove(self, servers: Sequence[ServerState], removable: Collection[str]) -> list[str]:
        """Return the names of the instances to remove at DOWN_SCALE.

        An ordinary project does not see hosts, only ``hostId``, which is the same for all its instances on one compute.
        Computes are distinguished by ``hostId``, and only through the project's own instances: those of other
        projects are unknown.

        Args:
            servers: All instances of the application.
            removable: The names of the instances that may be removed.
        """
        if not isinstance(self.scale_down, str):
            return [name for name in self.scale_down if name in removable]
        by_compute: dict[str, list[str]] = {}
        for server in sorted(servers, key=lambda server: server.name):
            by_compute.setdefault(server.host_id, []).append(server.name)
        choose = _from_one_compute if self.scale_down == "one_compute" else _from_different_computes
        return choose(list(by_compute.values()), removable, self.scale_down_by)

    def action_for(self, server: ServerState, allowed: Sequence[Action]) -> Action:
        """Return the action for an instance that must leave its compute.

        Args:
            server: The instance.
            allowed: The actions that the message allows; empty where the message names none.
        """
        wanted = self.action(server) if callable(self.action) else Action(self.action)
        return allowed[0] if allowed and wanted not in allowed else wanted

    def replies(self, message: ProjectMessage, body: Mapping[str, object]) -> list[Mapping[str, object]]:
        """Return the bodies to send to the message's ``reply_url``, in this order: by default ``body``, once."""
        return [body]


def _from_different_computes(computes: list[list[str]], removable: Collection[str], count: int) -> list[str]:
    """Return one instance from each of the fullest computes, and a second one from each where that is not enough."""
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
    """Return all instances of a compute that becomes empty without them; if no compute can become empty, as many
    instances of one compute as possible.
    """
    removable_there = [[name for name in names if name in removable] for names in computes]
    emptied = [
        there for names, there in zip(computes, removable_there, strict=True) if there == names and len(there) <= count
    ]
    chosen = max(emptied or removable_there, key=lambda names: len(names), default=[])
    others = [name for there in removable_there for name in there if name not in chosen]
    return [*chosen, *others][:count]
