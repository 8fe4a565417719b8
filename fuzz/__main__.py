"""The fuzzer: ``python -m fuzz`` (``tox -e fuzz``).

Sends requests that nobody should send: to all routes of the embedded cloud and of the actors, without sockets, and
bytes that are HTTP in part to a socket; at the end, requests that schemathesis makes of the OpenAPI documents of the
actors. Counts server errors, requests without an answer, requests that hang, refused requests that changed something,
and answers that do not conform to a document. The exit code is 1 if there is any of these.

The requests are sent to one world after the other. Seed and number of a world give the same requests each time.
"""

from __future__ import annotations

import argparse
import faulthandler
import logging
import sys
from collections.abc import Sequence

from fuzz.conformance import conform
from fuzz.findings import Finding, Tally
from fuzz.raw import new_raw_world
from fuzz.world import CASTS, new_world

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
    parser.add_argument(
        "--examples",
        type=int,
        default=100,
        help="how many requests of each kind for an operation of an OpenAPI document (default: %(default)s; 0: none)",
    )
    parser.add_argument("--seed", default="1", help="the seed of all choices (default: %(default)s)")
    parser.add_argument("--world", type=int, help="send requests to the world with this number alone")
    parser.add_argument("--raw", action="store_true", help="with --world: one of those that get bytes on a socket")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    tally = _fuzz_worlds(options)
    if options.world is None and options.examples:
        tally.add(_conform_worlds(options))
    for line in tally.coverage():
        _say(line)
    _say(f"seed {options.seed}, {tally.summary()}")
    return 1 if tally.findings else 0


def _fuzz_worlds(options: argparse.Namespace) -> Tally:
    tally = Tally()
    number = options.world or 0
    while tally.statuses.total() < options.requests:
        faulthandler.dump_traceback_later(_GIVE_UP, exit=True, file=2)
        raw = options.raw if options.world is not None else number % RAW_SHARE == RAW_SHARE - 1
        left = options.requests - tally.statuses.total()
        before = len(tally.findings)
        fuzz(options.seed, number, raw=raw, requests=min(PER_WORLD, left), tally=tally)
        for finding in tally.findings[before:]:
            _tell(finding, f"--seed {options.seed} --world {number}{' --raw' if raw else ''}")
        if options.world is not None:
            break
        number += 1
    faulthandler.cancel_dump_traceback_later()
    return tally


def _conform_worlds(options: argparse.Namespace) -> Tally:
    """Send the requests of the OpenAPI documents to a world with each set of actors."""
    tally = Tally()
    for number in range(len(CASTS)):
        with new_world(options.seed, number) as world:
            conform(world, options.examples, tally)
    for finding in tally.findings:
        _tell(finding, f"--seed {options.seed} --requests 0 --examples {options.examples}")
    return tally


def _tell(finding: Finding, again: str) -> None:
    _say(f"{finding.fault.name} in {finding.where}: {finding.request}\n    {finding.detail}")
    _say(f"    again: python -m fuzz {again}")


def _say(line: str) -> None:
    # A surrogate of a request has no bytes.
    sys.stdout.write(line.encode(errors="backslashreplace").decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
