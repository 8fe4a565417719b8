"""A fault as the command line names it: ``NAME`` or ``NAME:key=value,key=value``."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass

from pytest_doctor_maint.faults.fault import FAULTS, Fault
from pytest_doctor_maint.refusal import listed
from pytest_doctor_maint.registry import BrokenEntry, UnknownName


@dataclass(frozen=True, slots=True)
class FaultRequest:
    """A fault and its parameters, not made yet.

    Attributes:
        name: The name of the fault.
        parameters: The parameters as they were written.
    """

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        written = ",".join(f"{key}={value}" for key, value in self.parameters)
        return f"{self.name}:{written}" if written else self.name

    def make(self) -> Fault:
        """Make the fault.

        Raises:
            ValueError: There is no such fault, it has no such parameter, or a value does not suit; the message says
                what is allowed.
        """
        from pydantic import TypeAdapter, ValidationError

        try:
            cls = FAULTS.get(self.name)
        except (UnknownName, BrokenEntry) as error:
            raise ValueError(str(error)) from None
        known: list[str] = [field.name for field in fields(cls)] if is_dataclass(cls) else []
        names = [key for key, _ in self.parameters]
        if twice := sorted({key for key in names if names.count(key) > 1}):
            raise ValueError(f"the fault {self.name} has a parameter twice: {', '.join(twice)}; allowed: each once")
        if unknown := [key for key, _ in self.parameters if key not in known]:
            raise ValueError(
                f"the fault {self.name} has no parameter {listed(unknown, known)}; allowed: "
                f"{', '.join(known) or 'none'}"
            )
        given = {key: None if value == "none" else value for key, value in self.parameters}
        try:
            made: Fault = TypeAdapter(cls).validate_python(given)
        except ValidationError as error:
            reasons = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise ValueError(f"the fault {self} cannot be made: {reasons}") from None
        return made


def parse_fault(text: str) -> FaultRequest:
    """Read ``NAME`` or ``NAME:key=value,key=value``. The value ``none`` stands for None.

    Raises:
        ValueError: The text has another form.
    """
    name, colon, written = text.partition(":")
    pairs = [pair.partition("=") for pair in written.split(",")] if colon else []
    if not name or any(not key or not equals for key, equals, _ in pairs):
        raise ValueError(f"{text!r} is not a fault; allowed: NAME or NAME:key=value,key=value")
    return FaultRequest(name, tuple((key, value) for key, _, value in pairs))
