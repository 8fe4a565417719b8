"""The fuzzer: ``python -m fuzz`` (``tox -e fuzz``).

Sends requests that nobody should send: to all routes of the embedded cloud and of the actors, without sockets, and
bytes that are HTTP in part to a socket. Counts server errors, requests without an answer, requests that hang, and
refused requests that changed something. The exit code is 1 if there is any of these.

The requests are sent to one world after the other. Seed and number of a world give the same requests each time.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import sys
from collections.abc import Sequence

from fuzz.findings import Tally
from fuzz.raw import new_raw_world
from fuzz.world import new_world

#: The requests to one world: after more of them little is left of it.
PER_WORLD = 1000
#: One request in so many goes to a socket.
RAW_SHARE = 10
#: Real seconds after which a world that makes no progress is given up, with the stacks of its threads.
_GIVE_UP = 600


def fuzz(seed: str, number: int, *, raw: bool, requests: int, tally: Tally) -> None:
    """Send requests to one world.

    Args:
        seed: The seed.
        number: The number of the world.
        raw: True for bytes on a socket.
        requests: The most requests; a world may be spoilt earlier.
        tally: Where the answers are counted.
    """
    if raw:
        with new_raw_world(seed, number) as raw_world:
            raw_world.run(requests, tally)
    else:
        with new_world(seed, number) as world:
            world.run(requests, tally)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the fuzzer and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__.partition("\n\n")[2])
    parser.add_argument("--requests", type=int, default=100_000, help="how many to send (default: %(default)s)")
    parser.add_argument("--seed", default="1", help="the seed of all choices (default: %(default)s)")
    parser.add_argument("--world", type=int, help="send requests to the world with this number alone")
    parser.add_argument("--raw", action="store_true", help="with --world: one of those that get bytes on a socket")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    tally = Tally()
    number = options.world or 0
    while tally.statuses.total() < options.requests:
        faulthandler.dump_traceback_later(_GIVE_UP, exit=True, file=2)
        raw = options.raw if options.world is not None else number % RAW_SHARE == RAW_SHARE - 1
        left = options.requests - tally.statuses.total()
        before = len(tally.findings)
        fuzz(options.seed, number, raw=raw, requests=min(PER_WORLD, left), tally=tally)
        for finding in tally.findings[before:]:
            _say(f"{finding.fault.name} in {finding.where}: {finding.request}\n    {finding.detail}")
            _say(f"    again: python -m fuzz --seed {options.seed} --world {number}{' --raw' if raw else ''}")
        if options.world is not None:
            break
        number += 1
    faulthandler.cancel_dump_traceback_later()
    for line in tally.coverage():
        _say(line)
    _say(f"seed {options.seed}, {tally.summary()}")
    return 1 if tally.findings else 0


def _say(line: str) -> None:
    # A surrogate of a request has no bytes.
    sys.stdout.write(line.encode(errors="backslashreplace").decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
