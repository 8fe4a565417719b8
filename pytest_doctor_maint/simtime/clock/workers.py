"""Threads that are used again: a run starts a hundred of them for a short time each."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Workers:
    """Runs each job in a thread of its own, one that has ended an earlier job if there is any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._all: list[_Worker] = []

    def run(self, job: Callable[[], object], name: str) -> None:
        """Run ``job()`` in a thread, which has this name until the job ends. The job must not raise."""
        with self._lock:
            worker = self._idle.pop() if self._idle else None
            if worker is None:
                worker = _Worker(self._give_back)
                self._all.append(worker)
                worker.thread.start()
            worker.jobs.put((job, name))

    def stop(self) -> list[threading.Thread]:
        """End each thread when it has ended its job, and return all of them, to be joined."""
        with self._lock:
            for worker in self._all:
                worker.jobs.put(None)
            return [worker.thread for worker in self._all]

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            self._idle.append(worker)


class _Worker:
    def __init__(self, give_back: Callable[[_Worker], object]) -> None:
        self.jobs: queue.SimpleQueue[tuple[Callable[[], object], str] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="simulated-clock-worker", daemon=True)
        self._give_back = give_back

    def _work(self) -> None:
        while (given := self.jobs.get()) is not None:
            job, self.thread.name = given
            del given
            job()
            # What the job held on to must not live until the next one.
            del job
            self._give_back(self)
