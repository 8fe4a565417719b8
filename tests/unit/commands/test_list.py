"""``doctor-maint list``: every name with its summary, those of other distributions included."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, version

import pytest

from pytest_doctor_maint.actors.registry import ADMIN_TOOLS, APP_MANAGERS, INSPECTORS
from pytest_doctor_maint.claims import CLAIMS
from pytest_doctor_maint.commands import __main__, list_names
from pytest_doctor_maint.faults import FAULTS
from pytest_doctor_maint.history.kinds import all_kinds


def listed(capsys: pytest.CaptureFixture[str], what: str, code: int = 0) -> dict[str, str]:
    """Return the summaries by name."""
    assert __main__.main(["list", what]) == code
    lines = capsys.readouterr().out.splitlines()
    # Names are in a column; actors' names have spaces.
    return {name.strip(): summary.strip() for name, _, summary in (line.partition("  ") for line in lines)}


def test_claims(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "claims") == {name: claim.rule for name, claim in CLAIMS.items()}


def test_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "faults") == {name: fault.injects for name, fault in FAULTS.items()}


def test_actors(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, "actors")
    assert found == {
        f"{registry.what} {name}": spec.summary
        for registry in (ADMIN_TOOLS, APP_MANAGERS, INSPECTORS)
        for name, spec in registry.items()
    }
    assert {"admin tool sample", "admin tool fenix", "app manager vnfm", "inspector sample"} <= found.keys()


def test_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "kinds") == {kind.name: kind.meaning for kind in all_kinds()}


def test_action_plug_ins_come_from_entry_points_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listed(capsys, "actions") == {}
    points = [EntryPoint(name, f"acme:{name}", "pytest_doctor_maint.actions") for name in ("upgrade", "backup")]
    monkeypatch.setattr(list_names, "entry_points", lambda group: points if group == points[0].group else [])
    assert listed(capsys, "actions") == {"backup": "acme:backup", "upgrade": "acme:upgrade"}


def test_scenarios_with_the_first_lines_of_their_docstrings(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, "scenarios")
    assert {"test_room.py::test_one_compute_is_empty_from_the_start", "test_windows.py::" + LAST_SECOND} <= found.keys()
    assert all(summary.endswith((".", ":")) for summary in found.values()), found


LAST_SECOND = "test_app_manager_answers_in_the_last_second_of_each_window"


def test_an_entry_that_cannot_be_loaded_is_reported_and_the_others_are_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = EntryPoint("broken", "no_such_module:SPEC", "pytest_doctor_maint.inspectors")
    points = INSPECTORS._entry_points()
    monkeypatch.setattr(INSPECTORS, "_entry_points", lambda: {**points, "broken": broken})
    assert __main__.main(["list", "actors"]) == 1
    printed = capsys.readouterr()
    assert "inspector sample" in printed.out
    assert "broken" not in printed.out
    assert printed.err.startswith("doctor-maint list: the inspector 'broken' (no_such_module:SPEC, from an unknown ")
    assert "ModuleNotFoundError" in printed.err


@pytest.mark.parametrize("what", ["claims", "faults", "actors", "actions", "kinds", "scenarios"])
def test_each_list_is_also_json(what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["list", what, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert __main__.main(["list", what]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [each["name"] for each in listed] == [
        line[: len(each["name"])] for line, each in zip(lines, listed, strict=True)
    ]
    assert all(each.keys() == {"name", "meaning"} and each["meaning"] for each in listed)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"doctor-maint {version('pytest-doctor-maint')}\n"
