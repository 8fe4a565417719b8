"""What somebody reads who looks at a red run: refusals in one sentence, exceptions first, a summary that fits."""

from __future__ import annotations

import re

import pytest

from tests.support.plugin_runs import QUICK

SUITE = """
    import pytest
    from pytest_doctor_maint import AppManager

    class Dying(AppManager):
        def handle(self, step, message):
            return {}["my constraint"]

    @pytest.fixture
    def carried_out(maintenance):
        return maintenance.when(maintenance.given(2).full())

    def test_in_a_fixture(carried_out):
        pass

    def test_in_a_call(maintenance):
        given = maintenance.given(3).full().where(transport_url="rabbit://me:s3cr3t@127.0.0.1:1/", wires="memory")

    def test_a_claim(maintenance):
        def never(premises):
            raise AssertionError("it was started")
        then = maintenance.when(maintenance.given(3).full().where(prepare=never))
        then.holds("downtime_is_zeroo")

    def test_an_own_app_manager(maintenance):
        given = maintenance.given(3).with_one_empty_compute().maintaining("compute-1")
        maintenance.when(given.where(make_app_manager=Dying)).holds()
"""


def section(lines: list[str], name: str) -> list[str]:
    """Return the lines of the failure of a test."""
    begin = next(
        index for index, line in enumerate(lines) if line.startswith("___") and line.endswith("___") and name in line
    )
    end = next(index for index, line in enumerate(lines) if index > begin and line.startswith(("___", "===", "---")))
    return lines[begin + 1 : end]


def test_a_red_run_at_80_characters(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_inprocess(*QUICK)
    result.assert_outcomes(failed=3, errors=1)
    lines = result.outlines

    # A refusal: the line of the user, and one sentence.
    for name, sentence in (
        ("in_a_fixture", "E   UnsuitableCloud: the test case needs at least 3 computes; there are 2: "),
        (
            "in_a_call",
            "E   UnknownSetting: Scenario.where() has no setting wires (did you mean 'wire'?); there are seed",
        ),
        (
            "a_claim",
            "E   UnknownClaim: unknown claims: downtime_is_zeroo (did you mean 'downtime_is_zero'?); there are ",
        ),
    ):
        shown = section(lines, f"test_{name} ")
        assert len(shown) <= 4, shown
        assert shown[-1].startswith(sentence)
        assert not [line for line in shown if "pytest_doctor_maint/" in line]
    assert "s3cr3t" not in result.stdout.str()

    # An exception comes first, with the frames of the user; a claim that may follow from it has one line.
    first, place, code, *rest = section(lines, "test_an_own_app_manager ")
    assert first.startswith("an exception in the app manager Dying: KeyError: 'my constraint'")
    assert place.endswith("in handle")
    assert "my constraint" in code
    assert sum(line.startswith("VIOLATED: ") for line in rest) > 1
    assert len(rest) < 20

    begin = next(index for index, line in enumerate(lines) if "= doctor-maint =" in line)
    summary = lines[begin:]
    assert max(map(len, summary)) <= 80
    words = ("ERROR", "VIOLATED", "FAILED", "holds")
    found = [word for line in summary[3:] for word in words if re.search(rf"\S  +{word}( |$)", line)]
    assert found == ["ERROR", "VIOLATED", "FAILED", "FAILED"]
    assert any(line.startswith("4 of 4 fail: 1 error, 1 violated, 2 failed") for line in summary)
