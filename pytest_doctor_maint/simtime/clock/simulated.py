"""Simulated time: exact, repeatable, and as fast as the machine.

A *token* is one chain of control, and exactly one token runs at a time. A wait puts its token to sleep. When no token
is awake, the clock jumps to the earliest deadline and wakes exactly one token. Random numbers from the seed order equal
deadlines: the same seed produces the same history, and another seed another legal interleaving.
"""

from __future__ import annotations

import contextvars
import heapq
import random
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pytest_doctor_maint.simtime.clock.base import Clock, ClockStopped, Signal, Task, join_all
from pytest_doctor_maint.simtime.clock.errors import ClockError, Deadlock, HorizonExceeded, NoToken, Stuck
from pytest_doctor_maint.simtime.clock.poison import poison_sleep
from pytest_doctor_maint.simtime.clock.workers import Workers

if TYPE_CHECKING:
    from pytest_doctor_maint.simtime.wire import Wire

#: The begin of simulated time. It is fixed, so that a seed repeats a run to the byte on any later day, and it is ahead
#: of the machine's time, because keystoneauth compares a token's expiry with the machine's clock.
EPOCH = datetime(2030, 1, 1, tzinfo=UTC)

_MICROSECOND = timedelta(microseconds=1)


class _Token:
    """One chain of control. The clock's lock guards its fields."""

    def __init__(self, clock: SimulatedClock, number: int, name: str) -> None:
        self.clock = clock
        self.number = number
        self.name = name
        self.awake = False
        # Held by the token itself: acquiring it waits until the clock releases it once.
        self.park = threading.Lock()
        self.park.acquire()
        self.generation = 0
        self.error: type[Exception] | None = None
        self.signalled = False
        self.signal: SimulatedSignal | None = None
        self.waits_for = ""
        self.thread = 0


class _Hold:
    """The hold of a thread on a token. The handler of a request holds the token of its client (``parent``)."""

    def __init__(self, token: _Token, parent: _Hold | None = None) -> None:
        self.token = token
        self.parent = parent


_HOLD: ContextVar[_Hold | None] = ContextVar("doctor_maint_hold", default=None)


class SimulatedSignal(Signal):
    """A signal of a :class:`SimulatedClock`."""

    def __init__(self, clock: SimulatedClock, name: str) -> None:
        self.name = name
        self._clock = clock
        self._set = False
        self.waiters: list[_Token] = []

    def set(self) -> None:
        self._set = True
        self._clock._release(self)

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set


class SimulatedClock(Clock):
    """Time that jumps from one deadline to the next. The thread that makes the clock holds the first token.

    Args:
        seed: Orders equal deadlines.
        horizon: Simulated seconds after which a run is ended with :class:`HorizonExceeded`.
        watchdog: Real seconds without progress after which a run is ended with :class:`Stuck` and with the stack of
            every thread that is awake.
        wire: How requests reach the servers of the run; None for sockets.
    """

    simulated = True

    def __init__(
        self, seed: int = 0, *, horizon: float = 14 * 86400.0, watchdog: float = 30.0, wire: Wire | None = None
    ) -> None:
        super().__init__(wire)
        self._lock = threading.RLock()
        self._micros = 0
        self._horizon = round(horizon * 1e6)
        self._ties = random.Random(f"{seed}/ties")  # noqa: S311  (it must be repeatable)
        self._heap: list[tuple[int, float, int, _Token, int]] = []
        self._pushed = 0
        self._awake = 0
        self._tokens: dict[int, _Token] = {}
        self._requests = 0
        self._sent: dict[str, _Hold] = {}
        self._handled: set[str] = set()
        self._made = 0
        self._workers = Workers()
        self._stopped = False
        self._error: ClockError | None = None
        self._progress = 0
        self._halt = threading.Event()
        self._main = _Hold(self._running_token("main"))
        self._before = _HOLD.get()
        _HOLD.set(self._main)
        self._unpoison = poison_sleep(lambda: _HOLD.get() is not None)
        self._watchdog = threading.Thread(
            target=self._watch, args=(watchdog,), name="simulated-clock-watchdog", daemon=True
        )
        self._watchdog.start()

    # -- the contract ------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        return EPOCH + self._micros * _MICROSECOND

    def sleep(self, seconds: float) -> None:
        self._block(max(0.0, seconds), None, f"sleep({seconds:g})")

    def signal(self, name: str = "signal") -> SimulatedSignal:
        return SimulatedSignal(self, name)

    def wait(self, signal: Signal, timeout: float | None = None) -> bool:
        if not isinstance(signal, SimulatedSignal) or signal._clock is not self:
            raise TypeError(f"cannot wait for {signal!r}: it is not a signal of this clock (clock.signal())")
        self._raise_if_over()
        if signal.is_set():
            return True
        bound = "" if timeout is None else f", at most {timeout:g} s"
        return self._block(timeout, signal, f"{signal.name}{bound}") or signal.is_set()

    def spawn(self, target: Callable[[], object], name: str) -> Task:
        task = Task(self, name, self.signal(f"the end of {name}"))
        context = contextvars.copy_context()
        with self._lock:
            self._raise_if_over()
            token = self._new_token(name)
            token.waits_for = "its first turn"
            self._push(token, self._micros)

        def body() -> None:
            token.thread = threading.get_ident()
            _HOLD.set(_Hold(token))
            token.park.acquire()
            try:
                if token.error is None:
                    self._run(task, target)
            finally:
                task._done.set()
                self._retire(token)

        self._workers.run(lambda: context.run(body), name)
        return task

    def carry(self) -> str | None:
        hold = self._hold()
        with self._lock:
            self._progress += 1
            self._requests += 1
            carried = str(self._requests)
            self._sent[carried] = hold
            return carried

    @contextmanager
    def adopt(self, carried: str | None) -> Iterator[None]:
        with self._lock:
            client = self._sent.pop(carried or "", None)
            if client is None:
                raise NoToken(
                    f"the request carries no token of the simulated clock ({carried or 'none'}): a client in another "
                    "process cannot be accounted for in simulated time; use the wall clock for it"
                )
            hold = _Hold(client.token, client)
            self._handled.add(str(carried))
            thread, hold.token.thread = hold.token.thread, threading.get_ident()
            self._progress += 1
        before = _HOLD.set(hold)
        try:
            yield
        finally:
            _HOLD.reset(before)
            with self._lock:
                self._handled.discard(str(carried))
                hold.token.thread = thread
                if hold.token is not client.token:
                    # The client gave up on the request, and no thread waits for this token any more.
                    self._retire(hold.token)

    def abandon(self, carried: str | None) -> None:
        hold = self._hold()
        with self._lock:
            if self._sent.pop(carried or "", None) is not None or carried not in self._handled:
                return
            fresh = self._running_token(hold.token.name)
            # A client that waits for this thread, as the handler of its request, goes on with the fresh token, too.
            client: _Hold | None = hold
            while client is not None:
                client.token, client = fresh, client.parent
        # The handler has control until it waits; only then it is this thread's turn.
        self.sleep(0)

    def stop(self) -> None:
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            self._wake_all(ClockStopped)
        self._halt.set()
        join_all([*self._workers.stop(), self._watchdog])
        self._unpoison()
        if _HOLD.get() is self._main:
            _HOLD.set(self._before)

    # -- tokens ------------------------------------------------------------------------------------------------------

    def _hold(self) -> _Hold:
        with self._lock:
            self._raise_if_over()
        hold = _HOLD.get()
        if hold is None or hold.token.clock is not self:
            raise RuntimeError(
                f"thread {threading.current_thread().name!r} has no token of this clock: start it with clock.spawn()"
            )
        return hold

    def _new_token(self, name: str) -> _Token:
        self._made += 1
        token = self._tokens[self._made] = _Token(self, self._made, name)
        return token

    def _running_token(self, name: str) -> _Token:
        """Return a new token that is awake from the start, for the current thread."""
        token = self._new_token(name)
        token.thread = threading.get_ident()
        token.awake = True
        self._awake += 1
        return token

    def _retire(self, token: _Token) -> None:
        with self._lock:
            self._tokens.pop(token.number, None)
            if token.awake:
                token.awake = False
                self._awake -= 1
            self._dispatch()

    def _raise_if_over(self) -> None:
        if self._stopped:
            raise ClockStopped
        if self._error is not None:
            raise type(self._error)(str(self._error))

    def _block(self, seconds: float | None, signal: SimulatedSignal | None, waits_for: str) -> bool:
        token = self._hold().token
        with self._lock:
            token.waits_for = waits_for
            token.signalled = False
            token.signal = signal
            if signal is not None:
                if signal.is_set():
                    return True
                signal.waiters.append(token)
            if seconds is not None:
                self._push(token, self._micros + round(max(0.0, seconds) * 1e6))
            token.awake = False
            self._awake -= 1
            self._dispatch()
        token.park.acquire()
        if token.error is not None:
            error, token.error = token.error, None
            raise error() if self._error is None or error is ClockStopped else error(str(self._error))
        return token.signalled

    def _push(self, token: _Token, deadline: int) -> None:
        self._pushed += 1
        heapq.heappush(self._heap, (deadline, self._ties.random(), self._pushed, token, token.generation))

    def _release(self, signal: SimulatedSignal) -> None:
        with self._lock:
            for token in signal.waiters:
                token.signalled = True
                self._push(token, self._micros)
            signal.waiters.clear()
            # If a thread without a token (a test's own) sets the signal, all tokens may be asleep.
            self._dispatch()

    def _awaken(self, token: _Token) -> None:
        token.generation += 1
        token.awake = True
        if token.signal is not None and token in token.signal.waiters:
            token.signal.waiters.remove(token)
        self._awake += 1
        self._progress += 1
        token.park.release()

    def _dispatch(self) -> None:
        """If no token is awake, jump to the earliest deadline and wake its token."""
        if self._awake or self._stopped or self._error is not None:
            return
        while self._heap:
            deadline, _, _, token, generation = heapq.heappop(self._heap)
            if token.generation != generation or token.awake or token.number not in self._tokens:
                continue
            if deadline > self._horizon:
                self._fail(HorizonExceeded(f"{deadline / 1e6:g} s: {token.name} {token.waits_for}\n{self._waiters()}"))
                return
            self._micros = max(self._micros, deadline)
            self._awaken(token)
            return
        if self._tokens:
            self._fail(Deadlock(self._waiters()))

    def _fail(self, error: ClockError) -> None:
        self._error = error
        self._wake_all(type(error))

    def _wake_all(self, error: type[Exception]) -> None:
        for token in list(self._tokens.values()):
            if not token.awake:
                token.error = error
                self._awaken(token)

    def _waiters(self) -> str:
        lines = [
            f"  {token.name}: {'runs' if token.awake else 'waits for ' + token.waits_for}"
            for token in self._tokens.values()
        ]
        return f"at {self.now():%Y-%m-%d %H:%M:%S} simulated:\n" + "\n".join(lines)

    # -- the watchdog ------------------------------------------------------------------------------------------------

    def _watch(self, patience: float) -> None:
        seen = -1
        while not self._halt.wait(patience):
            with self._lock:
                if self._progress != seen or not self._others_should_run():
                    seen = self._progress
                    continue
                self._fail(Stuck(f"no progress for {patience:g} real seconds\n{self._waiters()}\n{self._stacks()}"))
                return

    def _others_should_run(self) -> bool:
        """Return True if a token waits for one that is awake; a lone awake token (a debugger's prompt) does no harm."""
        return any(not token.awake for token in self._tokens.values())

    def _stacks(self) -> str:
        frames = sys._current_frames()
        return "\n".join(
            f"{token.name} is awake at:\n" + "".join(traceback.format_stack(frames[token.thread]))
            for token in self._tokens.values()
            if token.awake and token.thread in frames
        )
