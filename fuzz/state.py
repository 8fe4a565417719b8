"""A fingerprint of everything that a request could change."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from enum import Enum
from hashlib import sha256
from operator import attrgetter
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any, ClassVar

from pytest_doctor_maint.embedded.cloud import CloudState

#: Parts that may change although nothing of the state does: what they do is to run, to count, or to remember answers.
#: ResourceKind is a table of Neutron's code.
_MACHINERY = {
    "Core", "History", "Ids", "HttpServer", "HttpSession", "Tokens", "SimulatedClock", "SimulatedSignal", "MemoryWire",
    "WallClock", "WallSignal", "SocketWire", "ResourceKind",
}  # fmt: skip
#: Attributes in which answers are remembered, and that a wrong reply fails its session, as the protocol has it.
_REMEMBERED = {("Token", "caller"), ("Token", "seen_at_change"), ("Message", "refused")}
_CODE = (FunctionType, MethodType, BuiltinFunctionType, ModuleType, type)
_PLAIN = ("collections", "datetime", "enum", "builtins", "uuid", "ipaddress")
_OURS = "pytest_doctor_maint."


class _Blank:
    """Stands for an object, whose attributes follow."""


def _blank(name: str) -> _Blank:
    return _Blank()


#: Makes of an object what pickle shall write. Any: that is pickle's to define.
_Reduce = Callable[[Any], Any]


class _Pickler(pickle.Pickler):
    """Writes the state; machinery, code and objects of other packages are written as their types alone."""

    _ways: ClassVar[dict[type, _Reduce]] = {}

    # Any: what pickle hands over and takes.
    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        way = self._ways.get(kind)
        if way is None:
            way = self._ways[kind] = _way(kind)
        return way(obj)


def _way(kind: type) -> _Reduce:
    """Return how objects of a type are written."""
    name = kind.__name__
    if issubclass(kind, _CODE):
        return lambda obj: NotImplemented if obj in (str, dict, _blank) else (str, (name,))
    if kind is MappingProxyType:
        return lambda obj: (dict, (dict(obj),))
    if kind.__module__.startswith(_PLAIN) or issubclass(kind, BaseException | tuple | Enum):
        return lambda obj: NotImplemented
    if name in _MACHINERY or not kind.__module__.startswith(_OURS):
        return lambda obj: (str, (name,))
    slots = [each for owner in kind.__mro__ for each in vars(owner).get("__slots__", ())]
    kept = [each for each in slots if (name, each) not in _REMEMBERED and not each.startswith("__")]
    if not kept:
        return lambda obj: (_blank, (name,), vars(obj) if hasattr(obj, "__dict__") else None)
    values = attrgetter(*kept)
    return lambda obj: (_blank, (name,), (values(obj), getattr(obj, "__dict__", None)))


def fingerprint(*parts: object) -> str:
    """Return a text that differs where the state of ``parts`` differs."""
    written = io.BytesIO()
    _Pickler(written, protocol=5).dump(parts)
    return sha256(written.getbuffer()).hexdigest()


def state_of(cloud: CloudState) -> str:
    """Return the fingerprint of all services of a cloud."""
    return fingerprint(cloud.keystone, cloud.glance, cloud.neutron, cloud.nova, cloud.aodh)
