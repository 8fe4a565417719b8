"""Each claim is a function in a module of its own; other distributions add claims through an entry point."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable

import pytest

from pytest_doctor_maint import registry
from pytest_doctor_maint.claims import CLAIMS, HistoryIndex, Outcome, Parameter, Topic, Verdict, catalogue, claim, judge
from pytest_doctor_maint.registry import BrokenEntry
from tests.support.claims import verdict_on
from tests.support.history_builder import HistoryBuilder
from tests.support.own_claims import few_computes

Install = Callable[[str, str], None]


# -- our own claims ----------------------------------------------------------------------------------------------------


def test_each_module_of_the_catalogue_is_one_claim_of_its_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(catalogue.__path__)}
    assert modules == set(CLAIMS)
    assert all(CLAIMS[name].name == name for name in CLAIMS)


def test_claims_are_in_the_order_of_reports() -> None:
    places = [(list(Topic).index(CLAIMS[name].topic), name) for name in CLAIMS]
    assert places == sorted(places)
    assert {CLAIMS[name].topic for name in CLAIMS} == set(Topic)


@pytest.mark.parametrize("name", CLAIMS)
def test_each_claim_says_its_rule_in_one_sentence_and_where_it_comes_from(name: str) -> None:
    found = CLAIMS[name]
    assert found.rule.endswith(".")
    assert ". " not in found.rule
    assert found.source
    assert found.needs
    for parameter in found.parameters.values():
        assert parameter.unit
        assert parameter.meaning


def test_each_claim_is_tested_from_both_sides(request: pytest.FixtureRequest) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in request.path.parent.glob("test_*.py"))
    for side in ("violates|leaves_open", "keeps"):
        tested = set(re.findall(rf'@cases\.(?:{side})\(\s*"(\w+)"', text))
        assert set(CLAIMS) - tested == set(), f"claims without a case of {side}"


def test_there_is_no_other_claim() -> None:
    assert "all_is_well" not in CLAIMS
    with pytest.raises(LookupError, match=r"there is no claim 'all_is_well'; there are .*downtime_is_zero"):
        CLAIMS["all_is_well"]


# -- the decorator -----------------------------------------------------------------------------------------------------


def test_the_rule_is_the_first_line_of_the_docstring() -> None:
    assert few_computes.rule == "There are only a few computes."
    assert few_computes.name == "few_computes"


def test_a_claim_without_a_rule_is_refused() -> None:
    def silent(index: HistoryIndex) -> Verdict:
        raise NotImplementedError

    with pytest.raises(TypeError, match="the claim silent has no docstring; its first line must be the claim's rule"):
        claim(topic=Topic.HEALTH, source="x")(silent)


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({}, "the claim counting has the keyword-only arguments least; its parameters are none"),
        (
            {"most": Parameter(3, "computes", "how many")},
            "the claim counting has the keyword-only arguments least; its parameters are most",
        ),
    ],
)
def test_the_arguments_of_a_claim_are_its_parameters(declared: dict[str, Parameter], message: str) -> None:
    def counting(index: HistoryIndex, *, least: float) -> Verdict:
        """There are enough computes."""
        raise NotImplementedError

    with pytest.raises(TypeError, match=message):
        claim(topic=Topic.HEALTH, source="x", parameters=declared)(counting)


# -- claims of other distributions -------------------------------------------------------------------------------------


def test_a_claim_of_another_distribution_is_judged_by_name(run: HistoryBuilder, install: Install) -> None:
    install("few_computes", "tests.support.own_claims:few_computes")
    assert verdict_on(run, "few_computes").outcome is Outcome.HOLDS
    run.before(run.one("session.created")).compute("compute-4")
    verdict = verdict_on(run, "few_computes")
    assert verdict.summary == "4 computes; allowed: 3 or fewer"
    assert verdict_on(run, "few_computes", most=4).outcome is Outcome.HOLDS


def test_a_claim_of_another_distribution_is_listed_by_its_topic_and_judged_by_default(
    run: HistoryBuilder, install: Install
) -> None:
    own = list(CLAIMS)
    install("few_computes", "tests.support.own_claims:few_computes")
    names = list(CLAIMS)
    assert set(names) == {*own, "few_computes"}
    assert names.index("every_needed_step_happens") + 1 == names.index("few_computes")
    assert CLAIMS["few_computes"] is few_computes
    assert [verdict.claim for verdict in judge(run.history()).verdicts] == names


def test_a_claim_of_another_distribution_cannot_replace_one_of_ours(install: Install) -> None:
    ours = CLAIMS["downtime_is_zero"]
    install("downtime_is_zero", "tests.support.own_claims:few_computes")
    assert CLAIMS["downtime_is_zero"] is ours
    assert list(CLAIMS).count("downtime_is_zero") == 1


def test_the_installed_distributions_are_read_once(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("few_computes", "tests.support.own_claims:few_computes")
    assert "few_computes" in CLAIMS
    monkeypatch.setattr(registry, "entry_points", lambda *, group: [])
    assert "few_computes" in CLAIMS
    CLAIMS.refresh()
    assert "few_computes" not in CLAIMS


def test_a_claim_with_a_bug_is_not_a_pass(run: HistoryBuilder, install: Install) -> None:
    install("broken_claim", "tests.support.own_claims:broken_claim")
    verdict = verdict_on(run, "broken_claim")
    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.summary == "the claim itself failed: ZeroDivisionError: a bug"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("tests.support.no_such_module:x", r"cannot be loaded: ModuleNotFoundError"),
        ("tests.support.own_claims:NOT_A_CLAIM", "is a str; allowed: a Claim"),
    ],
)
def test_what_is_not_a_claim_is_refused_with_its_origin(
    run: HistoryBuilder, install: Install, value: str, message: str
) -> None:
    install("strange", value)
    assert list(CLAIMS)[-1] == "strange"
    with pytest.raises(BrokenEntry, match=rf"the claim 'strange' \({value}, from an unknown distribution\) {message}"):
        judge(run.history())


def test_a_claim_has_the_name_of_its_entry_point(run: HistoryBuilder, install: Install) -> None:
    install("small_clouds", "tests.support.own_claims:few_computes")
    with pytest.raises(
        ValueError, match="the entry point 'small_clouds' is the claim 'few_computes'; allowed: the same"
    ):
        verdict_on(run, "small_clouds")
