"""A value that cannot be used is a usage error, with the source of the value and what is allowed."""

from __future__ import annotations

import pytest

from tests.support.plugin_runs import refused

CHOICE_ERRORS = [
    (
        "--admin-tool",
        "watcher",
        "the admin tool 'watcher' is not available; allowed: sample, fenix, or the URL of one that already runs",
    ),
    (
        "--app-manager",
        "tacker",
        "the app manager 'tacker' is not available; allowed: sample, vnfm, or the URL of one that already runs",
    ),
    (
        "--inspector",
        "congress",
        "the inspector 'congress' is not available; allowed: sample, or the URL of one that already runs",
    ),
    (
        "--os-cloud",
        "devstack",
        "the cloud 'devstack' is not available; allowed: embedded, or a cloud of clouds.yaml (other)",
    ),
]
URL = "is not a URL; allowed: a URL such as http://127.0.0.1:12347/v1"
COMPUTES = "is not a number of computes; allowed: a number from 1 on, or a list such as 3,4,8"
SEED = "is not a seed; allowed: a whole number from 0 on, or the word random"
ERRORS = [
    *CHOICE_ERRORS,
    (
        "--admin-tool",
        "Sample",
        "the admin tool 'Sample' is not available (did you mean 'sample'?); allowed: sample, fenix, or the URL of one "
        "that already runs",
    ),
    ("--admin-tool", "http://", f"the admin tool 'http://' {URL}"),
    ("--inspector", "http://there:port/", f"the inspector 'http://there:port/' {URL}"),
    ("--computes", "0", f"'0' {COMPUTES}"),
    ("--computes", "", f"'' {COMPUTES}"),
    ("--computes", "three", f"'three' {COMPUTES}"),
    ("--computes", "3,", f"'3,' {COMPUTES}"),
    ("--computes", "-3", f"'-3' {COMPUTES}"),
    ("--computes", "3.5", f"'3.5' {COMPUTES}"),
    ("--computes", "\u00b3", f"'\u00b3' {COMPUTES}"),
    (
        "--computes",
        "3,4,3",
        "'3,4,3' has a number twice; allowed: each number of computes once, such as 3,4,8",
    ),
    ("--maint-patience", "0", "'0' is not a number of seconds; allowed: a whole number from 1 on"),
    ("--maint-patience", "1.5", "'1.5' is not a number of seconds; allowed: a whole number from 1 on"),
    ("--maint-seed", "-1", f"'-1' {SEED}"),
    ("--maint-seed", "lucky", f"'lucky' {SEED}"),
    ("--maint-seed", "1_000", f"'1_000' {SEED}"),
    (
        "--maint-history",
        "",
        "'' is not a folder; allowed: the path of a folder, which is created when it is missing",
    ),
    (
        "--maint-history",
        "test_one.py",
        "'test_one.py' is a file; allowed: the path of a folder, which is created when it is missing",
    ),
]
INI = {
    "--maint-patience": "doctor_maint_patience",
    "--maint-seed": "doctor_maint_seed",
    "--maint-history": "doctor_maint_history",
}


@pytest.mark.parametrize(("option", "raw", "message"), ERRORS)
def test_command_line(one_test: pytest.Pytester, option: str, raw: str, message: str) -> None:
    assert refused(one_test, f"{option}={raw}") == f"ERROR: {option}: {message}"


@pytest.mark.parametrize(("option", "raw", "message"), [error for error in ERRORS if error[1]])
def test_ini(one_test: pytest.Pytester, option: str, raw: str, message: str) -> None:
    key = INI.get(option, f"doctor_maint_{option[2:].replace('-', '_')}")
    path = one_test.makefile(".ini", pytest=f"[pytest]\n{key} = {raw}")
    assert refused(one_test) == f"ERROR: {key} in {path}: {message}"
    path.unlink()
    assert refused(one_test, "-o", f"{key}={raw}") == f"ERROR: -o {key}: {message}"


@pytest.mark.parametrize(("option", "raw", "message"), CHOICE_ERRORS)
def test_environment(
    one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, option: str, raw: str, message: str
) -> None:
    name = {"--os-cloud": "OS_CLOUD"}.get(option) or f"{option[2:].replace('-', '_').upper()}_TYPE"
    monkeypatch.setenv(name, raw)
    expected = f"ERROR: environment variable {name}: {message}"
    # The error is found while tests are collected, or before, if the command line has an option of the plugin.
    assert refused(one_test) == expected
    assert refused(one_test, "--computes=3") == expected


def test_environment_test_case(one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_CASE", "fault_management")
    assert refused(one_test) == (
        "ERROR: environment variable TEST_CASE: the test case 'fault_management' is not available; "
        "allowed: maintenance, all, or unset"
    )


NAMES = (
    "admin_tool=, app_manager=, app_manager_project=, inspector=, workflow=, computes=, os_cloud=, wire=, "
    "transport_url=, seed=, faults=, actions=, patience=, history=, at_least=, pinned="
)
ADMIN_TOOLS = "allowed: sample, fenix, or the URL of one that already runs"
CONSTRAINTS = "the app manager 'vnfm' sets constraints, which the admin tool 'sample' {} does not take"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "admin_tool='watcher'",
            f"(admin_tool=...) on {{test}}: the admin tool 'watcher' is not available; {ADMIN_TOOLS}",
        ),
        (
            "admin_tool=None",
            f"(admin_tool=...) on {{test}}: the admin tool None is not available; {ADMIN_TOOLS}",
        ),
        ("seed=1, pinned='yes'", "(pinned=...) on {test}: 'yes' is neither True nor False"),
        ("computes=0", f"(computes=...) on {{test}}: 0 {COMPUTES}"),
        ("computes=()", f"(computes=...) on {{test}}: () {COMPUTES}"),
        ("computes=(3, 'x')", f"(computes=...) on {{test}}: (3, 'x') {COMPUTES}"),
        ("computes=True", f"(computes=...) on {{test}}: True {COMPUTES}"),
        ("computes={3: 4}", f"(computes=...) on {{test}}: {{3: 4}} {COMPUTES}"),
        ("seed=-1", f"(seed=...) on {{test}}: -1 {SEED}"),
        ("seed=1.5", f"(seed=...) on {{test}}: 1.5 {SEED}"),
        ("cloud='embedded'", f"(cloud=...) on {{test}}: unknown (did you mean 'os_cloud'?); allowed: {NAMES}"),
        ("3", f" on {{test}}: 3 has no name; allowed: {NAMES}"),
    ],
)
def test_marker(pytester: pytest.Pytester, arguments: str, message: str) -> None:
    path = pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.maintenance({arguments})
        def test_marked(computes): pass

        def test_other(): pass
        """
    )
    expected = message.replace("{test}", f"{path.name}::test_marked")
    assert refused(pytester) == f"ERROR: @pytest.mark.maintenance{expected}"


def test_vnfm_without_fenix(one_test: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = refused(one_test, "--app-manager=vnfm")
    assert printed == f"ERROR: --app-manager: {CONSTRAINTS.format('(default)')}; allowed with it: sample"
    printed = refused(one_test, "--app-manager=vnfm", "--admin-tool=sample")
    assert CONSTRAINTS.format("(--admin-tool)") in printed
    monkeypatch.setenv("APP_MANAGER_TYPE", "vnfm")
    printed = refused(one_test)
    assert printed.startswith(f"ERROR: APP_MANAGER_TYPE in the environment: {CONSTRAINTS.format('(default)')}")


def test_each_error_is_shown_once(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLOUD", "devstack")
    pytester.makepyfile(
        """
        import pytest

        pytestmark = pytest.mark.maintenance

        def test_one(): pass
        def test_two(): pass
        @pytest.mark.maintenance(seed="x")
        def test_three(): pass
        """
    )
    lines = refused(pytester).splitlines()
    assert len(lines) == 2
    assert [line for line in lines if "OS_CLOUD" in line]


@pytest.mark.parametrize(
    ("option", "title"),
    [("--admin-tool", "admin tool"), ("--app-manager", "app manager"), ("--inspector", "inspector")],
)
def test_an_actor_elsewhere_on_the_embedded_cloud(one_test: pytest.Pytester, option: str, title: str) -> None:
    """The actor runs in real time, the embedded cloud in simulated time."""
    url = "http://127.0.0.1:12347/v1"
    assert refused(one_test, f"{option}={url}") == (
        f"ERROR: {option}: the {title} at {url} runs in real time, and cannot reach the embedded cloud (default), "
        "whose time is simulated; allowed with it: --os-cloud=NAME of a cloud in clouds.yaml"
    )
    one_test.runpytest_inprocess(f"{option}={url}", "--os-cloud=other").assert_outcomes(passed=1)


def test_a_workflow_that_the_admin_tool_does_not_have(one_test: pytest.Pytester) -> None:
    assert refused(one_test, "--maint-workflow=vnf") == (
        "ERROR: --maint-workflow: the admin tool 'sample' (default) has no workflow 'vnf'; allowed with it: default"
    )
    one_test.runpytest_inprocess("--maint-workflow=vnf", "--admin-tool=fenix").assert_outcomes(passed=1)
    assert "'' is not the name of a workflow" in refused(one_test, "--maint-workflow=")


def test_a_cloud_whose_number_of_computes_cannot_be_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.maintenance(computes=(3, 4))
        def test_one(computes): assert computes == 5
        """
    )
    printed = refused(pytester, "--os-cloud=other")
    assert printed == (
        "ERROR: --os-cloud: the computes of the cloud 'other' at http://127.0.0.1:9/v3 cannot be counted: Connection "
        "refused; allowed: --computes=N"
    )
    pytester.runpytest_inprocess("--os-cloud=other", "--computes=5").assert_outcomes(passed=1)


@pytest.mark.parametrize("place", ["doctor:s3cret@127.0.0.1", ":s3cret@127.0.0.1", "s3cret@127.0.0.1"])
def test_a_url_with_a_secret_is_refused_and_not_shown(one_test: pytest.Pytester, place: str) -> None:
    assert refused(one_test, f"--admin-tool=http://{place}:12347/v1", "--os-cloud=other") == (
        "ERROR: --admin-tool: the admin tool is given by a URL with a user or a password in it; "
        "allowed: a URL with neither"
    )
