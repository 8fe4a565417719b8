"""The benchmark of the test case: ``python -m benchmarks`` (``tox -e bench``).

Everything is measured in one process and stated as a ratio, since machines differ: a scenario against the bare round
trips of its own requests, the memory wire against sockets, the reports against their run, many computes against few,
Fenix's ``vnf`` workflow against ``default`` and against the least time that is possible. The exit code is 1 if a bound
is exceeded.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence
from time import perf_counter

from benchmarks import makespan, reporting, wires
from pytest_doctor_maint.claims import judge
from pytest_doctor_maint.simtime.clock import EPOCH, SimulatedClock
from pytest_doctor_maint.simtime.http import Answer, App, HttpServer, HttpSession, Request, route
from pytest_doctor_maint.testbed.result import RunResult
from pytest_doctor_maint.testbed.scenario import Scenario
from pytest_doctor_maint.testbed.settings import TestbedSettings
from pytest_doctor_maint.testbed.testbed import Testbed
from pytest_doctor_maint.testbed.topology import ApplicationSpec, Topology

#: The most that a scenario may take, as a multiple of the bare round trips of its requests.
MOST_ROUND_TRIPS = 2.5
#: The most that 16 computes may take, as a multiple of what 4 take.
MOST_GROWTH = 5.0
#: Seconds that OPNFV Doctor's own test takes on its lab, at least.
DOCTOR_SECONDS = 448.0
#: The cloud on which workflows are compared: the number of its computes, and of the empty ones among them.
COMPUTES, SPARE = 20, 2
ROUND_TRIPS = 300
REPETITIONS = 5


class _Bare(App):
    @route("GET", "/")
    def answer(self, request: Request) -> Answer:
        """Answer with an empty object."""
        return {}


def bare_round_trip() -> float:
    """Return the median of the real seconds of a request on the simulated clock, with the classes that actors use."""
    clock = SimulatedClock()
    server = HttpServer(_Bare(), name="bare", clock=clock).start()
    session = HttpSession(clock)
    taken = []
    for _ in range(ROUND_TRIPS):
        began = perf_counter()
        session.get(server.url)
        taken.append(perf_counter() - began)
    session.close()
    server.stop()
    clock.stop()
    server.join()
    return statistics.median(taken)


def run(computes: int, wire: str = "socket") -> tuple[RunResult, float]:
    """Carry out the longest way through the use case, a full cloud whose scale-down is spread, and judge every claim.

    Returns:
        The result of the run, and the real seconds that it took, judging included.

    Raises:
        RuntimeError: A claim does not hold, so that the time means nothing.
    """
    began = perf_counter()
    outcome = Scenario(TestbedSettings(wire=wire)).on(computes).full().carry_out()
    judgement = judge(outcome.history)
    taken = perf_counter() - began
    if not judgement.holds:
        raise RuntimeError(f"on {computes} computes: {', '.join(verdict.claim for verdict in judgement.failed())}")
    return outcome, taken


def run_on_wire(wire: str) -> tuple[int, float]:
    """Carry out the run with 3 computes on the wire of that name.

    Returns:
        The number of its requests, and its wall seconds.
    """
    outcome, taken = run(3, wire)
    return outcome.requests, taken


def stopping() -> dict[str, float]:
    """Return the real seconds that each actor takes to stop, by name."""
    taken = {}
    topology = Topology((2, 2, 2), (ApplicationSpec(instances=6),))
    with Testbed(topology, TestbedSettings()) as world:
        world.deploy()
        stops: dict[str, Callable[[], None]] = {
            "admin tool": world.admin_tool.stop,
            "inspector": world.inspector.stop,
            "app manager": world.app_managers["doctor"].stop,
        }
        for name, stop in stops.items():
            began = perf_counter()
            stop()
            taken[name] = perf_counter() - began
    return taken


def simulated_seconds(outcome: RunResult) -> float:
    """Return the simulated seconds that a run took."""
    return (outcome.history.events[-1].at - EPOCH).total_seconds()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 0 if every bound was kept, else 1."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--large", type=int, default=64, metavar="N", help="the largest number of computes (default: 64)"
    )
    options = parser.parse_args(arguments)
    run(3)  # The first run imports modules.

    ratios, small = [], []
    for _ in range(REPETITIONS):
        # The speed of the machine drifts: each run is compared with round trips of the same moment.
        before = bare_round_trip()
        outcome, taken = run(3)
        round_trip = (before + bare_round_trip()) / 2
        ratios.append(taken / (outcome.requests * round_trip))
        small.append(taken)
    ratio, wall = statistics.median(ratios), statistics.median(small)
    simulated = simulated_seconds(outcome)
    sys.stdout.write(
        f"3 computes: {outcome.requests} requests, {simulated:.1f} simulated s in {wall:.2f} wall s, "
        f"{DOCTOR_SECONDS / wall:.0f} times as fast as Doctor's lab\n"
        f"against bare round trips: {ratio:.2f} (runs: {', '.join(f'{each:.2f}' for each in sorted(ratios))}; "
        f"at most {MOST_ROUND_TRIPS})\n"
    )

    wire_times = wires.measure(run_on_wire, REPETITIONS)
    sys.stdout.write(wires.report(wire_times))

    growths = []
    for _ in range(3):
        few, many = run(4)[1], run(16)[1]
        growths.append(many / few)
    growth = statistics.median(growths)
    sys.stdout.write(f"16 computes against 4: {growth:.2f} (at most {MOST_GROWTH})\n")

    large, taken = run(options.large)
    sys.stdout.write(
        f"{options.large} computes: {large.requests} requests, {simulated_seconds(large):.1f} simulated s in "
        f"{taken:.2f} wall s\n"
    )
    report_times = reporting.measure(lambda: run(3), REPETITIONS, large, options.large)
    sys.stdout.write(reporting.report(report_times))
    stops = ", ".join(f"{name} {1000 * seconds:.1f} ms" for name, seconds in stopping().items())
    sys.stdout.write(f"stopping: {stops}\n")

    makespans = makespan.measure(COMPUTES, SPARE)
    sys.stdout.write(makespan.report(COMPUTES, SPARE, makespans))
    kept = ratio <= MOST_ROUND_TRIPS and growth <= MOST_GROWTH
    return 0 if kept and makespans.kept and wire_times.kept and report_times.kept else 1


if __name__ == "__main__":
    sys.exit(main())
