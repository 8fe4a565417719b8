"""The order of the plugin's own tests, and how they are spread over the workers of xdist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped,unused-ignore]

if TYPE_CHECKING:
    from xdist.remote import Producer  # type: ignore[import-untyped,unused-ignore]

#: Folders whose test files have an expensive setup that their tests share: an environment, a cloud, a message broker.
SHARING = ("tests/browser/", "tests/third_party/", "tests/realtime/commands/", "tests/realtime/messaging/")


class OneWorkerPerFile(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Runs the tests of a file in one of :data:`SHARING` on one worker, and every other test on any worker."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid.partition("::")[0] if nodeid.startswith(SHARING) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Use :class:`OneWorkerPerFile` for ``--dist loadgroup``.

    The groups of xdist 3.8 have no effect with pytest 9.2: they are part of an id that pytest no longer reads.
    """
    return OneWorkerPerFile(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first; short tests then keep all workers busy until the end."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("realtime")
    return 0.0 if mark is None else float(mark.kwargs.get("seconds", 1.0))
