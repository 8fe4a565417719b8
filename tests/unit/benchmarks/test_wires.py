"""The benchmark that compares the wires: runs in turns, and a bound on the median."""

import pytest

from benchmarks.wires import LEAST_GAIN, WireTimes, measure, report


def test_runs_take_turns_on_the_wires() -> None:
    turns: list[str] = []

    def run(wire: str) -> tuple[int, float]:
        turns.append(wire)
        return 332, 3.0 if wire == "socket" else 1.0

    times = measure(run, 2)
    assert turns == ["socket", "memory", "socket", "memory"]
    assert times == WireTimes(332, socket=(3.0, 3.0), memory=(1.0, 1.0))


@pytest.mark.parametrize(("gain", "kept"), [(LEAST_GAIN - 0.01, False), (LEAST_GAIN, True), (LEAST_GAIN + 0.01, True)])
def test_the_bound_is_on_the_median_of_the_gains(gain: float, kept: bool) -> None:
    times = WireTimes(1, socket=(0.1, gain, 100.0), memory=(1.0, 1.0, 1.0))
    assert times.gain == gain
    assert times.kept is kept


def test_the_report_has_the_figures_and_the_bound() -> None:
    times = WireTimes(332, socket=(0.6, 0.8, 0.7), memory=(0.2, 0.2, 0.2))
    assert report(times) == (
        "memory wire: 332 requests in 0.20 wall s, on sockets in 0.70 wall s: 3.50 times as fast "
        f"(runs: 3.00, 3.50, 4.00; at least {LEAST_GAIN})\n"
    )
