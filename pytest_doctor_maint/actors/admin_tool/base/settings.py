"""The settings that every admin tool of this package has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_doctor_maint.protocol import SAMPLE, Action, Dialect, Step

#: Seconds that the work on one compute takes by default.
WORK_SECONDS = 60.0
#: Seconds between two polls of a server that moves, by default.
POLL_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class AdminToolSettings:
    """The settings of an operator.

    Attributes:
        dialect: The words of the messages, and the default windows. The sample admin tool also speaks ``SAMPLE_2020``.
        windows: Seconds in which a project must reply to a step, where they differ from the dialect's.
        allowed_actions: The actions that a project may choose for an instance that must leave its compute.
        work_seconds: Seconds that the work on one compute takes.
        poll_seconds: Seconds between two polls of a server that moves.
        require_token: Take the requests of the infrastructure admin only with a token of Keystone that has the admin
            role. Fenix always does.
        is_open: Take the replies of projects at the bare URL, too, from senders that know no secret, and send that URL.
            Fenix asks for the token of the project instead.
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        public_host: The host in the URLs of messages, where clients use another one than `host`.
    """

    dialect: Dialect = SAMPLE
    windows: Mapping[Step, float] = field(default_factory=dict)
    allowed_actions: tuple[Action, ...] = (Action.MIGRATE, Action.LIVE_MIGRATE, Action.OWN_ACTION)
    work_seconds: float = WORK_SECONDS
    poll_seconds: float = POLL_SECONDS
    require_token: bool = False
    is_open: bool = False
    host: str = "127.0.0.1"
    port: int = 0
    public_host: str = ""

    @property
    def all_windows(self) -> Mapping[Step, float]:
        """The seconds in which a project must reply to each step that has a window."""
        return {**self.dialect.windows, **self.windows}

    def window(self, step: Step) -> float:
        """Return the seconds in which a project must reply to `step`; 0 when the step has no window of its own."""
        return self.all_windows.get(step, 0.0)
