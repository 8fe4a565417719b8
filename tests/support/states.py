"""The state of a cloud as plain data, to compare what it was before a request with what it is afterwards."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any

from pytest_doctor_maint.embedded.cloud import CloudState
from pytest_doctor_maint.embedded.core import Core
from pytest_doctor_maint.simtime.clock import Clock
from pytest_doctor_maint.simtime.http import HttpSession
from pytest_doctor_maint.simtime.ids import Ids

_PLAIN = (str, bytes, int, float, bool, type(None), datetime)
#: What is not state: the parts that all services share, and what draws identifiers or waits.
_SKIPPED = (Core, Clock, Ids, HttpSession, type(threading.RLock()))


def state_of(cloud: CloudState) -> dict[str, Any]:
    """Return everything that the services of a cloud hold, but for tokens, which every request may touch.

    Two states are equal if and only if nothing has changed between them. An object is the dictionary of its attributes,
    and a number where it is met again.
    """
    seen: dict[int, int] = {}
    services = {"nova": cloud.nova, "neutron": cloud.neutron, "glance": cloud.glance, "aodh": cloud.aodh}
    return {name: _plain(service, seen) for name, service in services.items()}


# Any: the state is a tree of whatever the services hold.
def _plain(value: Any, seen: dict[int, int]) -> Any:
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, _SKIPPED) or callable(value):
        return type(value).__name__
    if id(value) in seen:
        return f"#{seen[id(value)]}"
    seen[id(value)] = len(seen)
    if isinstance(value, Mapping):
        return {str(key): _plain(part, seen) for key, part in value.items()}
    if isinstance(value, Set):
        return sorted(str(_plain(part, seen)) for part in value)
    if isinstance(value, list | tuple):
        return [_plain(part, seen) for part in value]
    return {name: _plain(getattr(value, name), seen) for name in _attributes(value)}


def _attributes(value: object) -> list[str]:
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [name for name in [*getattr(value, "__dict__", {}), *slots] if hasattr(value, name)]
