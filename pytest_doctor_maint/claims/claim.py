"""A claim: a rule for a maintenance run, and the function that judges a history by it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from pytest_doctor_maint.claims.index.index import HistoryIndex
from pytest_doctor_maint.claims.index.unseen import HOST_MESSAGES, WINDOWS
from pytest_doctor_maint.claims.verdict import Figure, Verdict, Violation, conclude
from pytest_doctor_maint.registry import Registry

#: Judges a history. It takes the index of the history, and each of the claim's parameters as a keyword argument.
Check = Callable[..., Verdict]

__all__ = ["CLAIMS", "HOST_MESSAGES", "WINDOWS", "Check", "Claim", "Parameter", "Topic", "claim"]


class Topic(StrEnum):
    """The topic of a claim. Reports list the topics in this order."""

    MESSAGES = "messages"
    COMPUTES = "computes"
    INSPECTOR = "inspector"
    APPLICATION = "application"
    SESSIONS = "sessions"
    CONSTRAINTS = "constraints"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number in a claim's rule that a user may set.

    Attributes:
        default: The value if the user sets no other.
        unit: The unit, such as ``s`` or ``computes``.
        meaning: The meaning, in a few words.
    """

    default: float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule for a maintenance run.

    Attributes:
        name: The name, which reads as a statement.
        topic: The topic.
        rule: The rule in one sentence.
        source: Where the rule comes from: the use case, the Fenix API reference, ETSI IFA011, the Nova API reference.
        needs: What must have been observed to judge the claim: kinds of events, :data:`WINDOWS` and
            :data:`HOST_MESSAGES`. If one of them could not be observed, the claim is unknown.
        partly: What must have been observed to judge a part of the claim, each with the name of the part. If it could
            not be observed, the rest of the claim is judged: its violations are reported, and without any the claim is
            unknown.
        derived: True if the claim is about guests. It is judged from the servers' states in a run where no guest is
            asked.
        parameters: The numbers in the rule that a user may set, by name.
        check: Judges a history by the rule.
    """

    name: str
    topic: Topic
    rule: str
    source: str
    needs: tuple[str, ...]
    partly: Mapping[str, str]
    derived: bool
    parameters: Mapping[str, Parameter]
    check: Check

    def conclude(
        self,
        violations: Iterable[Violation],
        holds: str,
        figures: Mapping[str, Figure] | None = None,
        nothing: str = "",
    ) -> Verdict:
        """Return the verdict on this claim that follows from ``violations``.

        Args:
            violations: All breaches that were found. Without any, the claim holds.
            holds: The summary if the claim holds.
            figures: What was counted or measured.
            nothing: What was not there, if nothing was there that the claim is about; empty: something was.
        """
        return conclude(self.name, violations, holds, figures, nothing)

    def judge(self, index: HistoryIndex, parameters: Mapping[str, float] | None = None) -> Verdict:
        """Judge a history.

        Args:
            index: The index of the history.
            parameters: The values of parameters; those that are left out have their defaults.

        Returns:
            The verdict. Its figures include the parameters that differ from their defaults.

        Raises:
            CannotTell: The history does not show whether the claim holds.
            NothingToJudge: Nothing that the claim is about was there.
        """
        given = dict(parameters or {})
        defaults = {name: parameter.default for name, parameter in self.parameters.items()}
        verdict = self.check(index, **defaults | given)
        changed = {name: value for name, value in given.items() if value != defaults[name]}
        return replace(verdict, figures=MappingProxyType({**verdict.figures, **changed})) if changed else verdict


def claim(
    *,
    topic: Topic,
    source: str,
    needs: tuple[str, ...] = (),
    partly: Mapping[str, str] | None = None,
    derived: bool = False,
    parameters: Mapping[str, Parameter] | None = None,
) -> Callable[[Check], Claim]:
    """Make a claim of a function that judges a history.

    The function takes the :class:`HistoryIndex`, and each of ``parameters`` as a keyword-only argument. Its name is the
    claim's name, and the first line of its docstring is the claim's rule. It returns ``NAME.conclude(...)``, where NAME
    is its own name. If the run had nothing that the claim is about, such as groups, it says so by ``nothing`` or raises
    :class:`NothingToJudge`. It raises :class:`CannotTell` if the history does not show it. It leaves out the parts of
    the claim that need what :attr:`HistoryIndex.unseen` lists. For the arguments see the attributes of :class:`Claim`.

    Raises:
        TypeError: The function has no docstring, or its keyword-only arguments are not ``parameters``.
    """
    declared = dict(parameters or {})

    def make(check: Check) -> Claim:
        name = check.__name__
        rule = (inspect.getdoc(check) or "").partition("\n")[0]
        if not rule:
            raise TypeError(f"the claim {name} has no docstring; its first line must be the claim's rule")
        signature = inspect.signature(check).parameters.values()
        taken = {argument.name for argument in signature if argument.kind is argument.KEYWORD_ONLY}
        if taken != declared.keys():
            given, wanted = (", ".join(sorted(names)) or "none" for names in (taken, declared))
            raise TypeError(f"the claim {name} has the keyword-only arguments {given}; its parameters are {wanted}")
        return Claim(
            name=name,
            topic=topic,
            rule=rule,
            source=source,
            needs=needs,
            partly=MappingProxyType(dict(partly or {})),
            derived=derived,
            parameters=MappingProxyType(declared),
            check=check,
        )

    return make


def _place(claim: Claim) -> tuple[int, str]:
    return list(Topic).index(claim.topic), claim.name


#: All claims by name: one for each module of :mod:`pytest_doctor_maint.claims.catalogue`, and those of other
#: distributions. They are in the order of reports: by topic, then by name.
CLAIMS: Registry[Claim] = Registry(
    "claim", "pytest_doctor_maint.claims", Claim, package="pytest_doctor_maint.claims.catalogue", order=_place
)
