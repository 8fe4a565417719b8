"""Tests with an admin tool or a cloud that runs elsewhere."""

from __future__ import annotations

import pytest

ELSEWHERE = "http://127.0.0.1:12347"


@pytest.mark.parametrize(
    ("url", "taken"), [(f"{ELSEWHERE}/v1", True), (ELSEWHERE, False)], ids=["fenix", "another dialect"]
)
def test_a_fenix_elsewhere_is_taken_for_the_fenix_that_a_scenario_pins(
    pytester: pytest.Pytester, url: str, taken: bool
) -> None:
    pytester.makepyfile(
        """
        import pytest
        from pytest_doctor_maint.plugin.settings import settings_for

        @pytest.mark.maintenance(admin_tool="fenix", app_manager="vnfm", pinned=True)
        def test_pinned(request, admin_tool):
            print("setting:", settings_for(request).admin_tool, "parameter:", admin_tool)
        """
    )
    result = pytester.runpytest_inprocess("-rP", "--os-cloud=other", f"--admin-tool={url}")
    result.assert_outcomes(passed=1)
    expected = f"setting: {url} parameter: remote" if taken else "setting: fenix parameter: fenix"
    result.stdout.fnmatch_lines([expected])


COUNTED = """
    import pytest

    @pytest.mark.maintenance(computes=(3, 4, 8))
    def test_any(computes): pass

    @pytest.mark.maintenance(computes=(6, 8), at_least=6)
    def test_large(computes): pass

    @pytest.mark.maintenance(computes=(2,), pinned=True)
    def test_pinned(computes): pass
"""


def test_the_number_of_computes_of_a_cloud_that_runs_is_fixed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def count(cloud: str) -> int:
        asked.append(cloud)
        return 5

    monkeypatch.setattr("pytest_doctor_maint.testbed.cloud_under_test.count_computes", count)
    pytester.makepyfile(COUNTED)
    result = pytester.runpytest_inprocess("-v", "--os-cloud=other")
    found = [line.split("::")[1].split("]")[0] for line in result.outlines if "::test_" in line and "PASSED" in line]
    assert found == [
        "test_any[5-computes",
        # The cloud has too few computes: the test is collected with the number that it needs, and then fails.
        "test_large[6-computes",
        "test_pinned[2-computes",
    ]
    assert asked == ["other"]
    assert any("computes all (the cloud other)" in line for line in result.outlines)
    result = pytester.runpytest_inprocess("-v", "--os-cloud=other", "--computes=4", "-k", "any")
    result.stdout.fnmatch_lines(["*test_any[[]4-computes[]]*"])
    assert asked == ["other"]


def test_the_embedded_cloud_has_the_computes_that_the_test_asks_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(COUNTED)
    pytester.runpytest_inprocess("-k", "any or large").assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), "test_one[3-computes]"),
        (("--admin-tool=fenix", "--app-manager=vnfm"), "test_one[3-computes-fenix-admin-tool-vnfm-app-manager]"),
        (
            ("--admin-tool=fenix", "--app-manager=vnfm", "--maint-workflow=default"),
            "test_one[3-computes-fenix-admin-tool-vnfm-app-manager-default-workflow]",
        ),
        (("--admin-tool=fenix", "--maint-workflow=vnf"), "test_one[3-computes-fenix-admin-tool-vnf-workflow]"),
    ],
)
def test_a_workflow_that_is_not_the_default_of_the_app_manager_is_in_the_id(
    pytester: pytest.Pytester, options: tuple[str, ...], expected: str
) -> None:
    pytester.makepyfile(
        """
        def test_one(maintenance, computes):
            print("asked for:", maintenance.given(computes).settings.workflow)
        """
    )
    result = pytester.runpytest_inprocess("-rP", "-v", *options)
    assert any(expected in line for line in result.outlines), result.outlines
    asked = "vnf" if expected.endswith(("vnfm-app-manager]", "vnf-workflow]")) else "default"
    result.stdout.fnmatch_lines([f"asked for: {asked}"])


@pytest.mark.parametrize(("cloud", "workers"), [("other", False), ("embedded", True)])
def test_a_cloud_that_runs_needs_no_workers(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, cloud: str, workers: bool
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "2")
    monkeypatch.setenv("OS_CLOUD", cloud)
    config = pytester.parseconfig("-p", "doctor_maint", "-n", "auto", "--collect-only")
    assert config.hook.pytest_xdist_auto_num_workers(config=config) == (2 if workers else 0)
    config = pytester.parseconfig("-n", "auto", "--collect-only")
    assert config.hook.pytest_xdist_auto_num_workers(config=config) == 2


def test_all_workers_that_there_are_is_none_on_a_cloud_that_runs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\n@pytest.mark.maintenance\ndef test_one(): pass")
    result = pytester.runpytest_inprocess("-n", "auto", "--os-cloud=other")
    result.assert_outcomes(passed=1)
    line = "doctor-maint: no workers (-n auto): the cloud 'other' can run one scenario at a time"
    assert line in result.outlines


BUS = "rabbit://doctor:s3cret@127.0.0.1:5672/"


def test_a_message_bus_reaches_the_scenario_and_is_not_shown(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        """
        import pytest
        from pytest_doctor_maint.plugin.settings import settings_for

        def test_one(maintenance, request):
            testbed = maintenance.nothing().settings
            print("settings:", settings_for(request), testbed)
            print("repeat:", testbed.repeat)
            assert testbed.transport_url == "rabbit://doctor:s3cret@127.0.0.1:5672/"
        """
    )
    monkeypatch.setenv("MAINT_TRANSPORT_URL", BUS)
    result = pytester.runpytest_inprocess("-rP", "-v", "--os-cloud=other")
    # The test's own assertion holds.
    result.stdout.fnmatch_lines(["judged nothing: the test uses the fixture maintenance, and carried no run out; *"])
    result.stdout.fnmatch_lines(["*message bus *** (MAINT_TRANSPORT_URL in the environment)*"])
    assert "s3cret" not in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((BUS,), "the embedded cloud (default) listens to no message bus; allowed with one: --os-cloud=NAME"),
        (
            (BUS, "--os-cloud=other", f"--admin-tool={ELSEWHERE}/v1"),
            f"the admin tool at {ELSEWHERE}/v1 has a message bus of its own; allowed with this one: an admin tool",
        ),
        (
            ("s3cret", "--os-cloud=other"),
            "the value is not the URL of a message bus; allowed: a URL such as rabbit://USER:PASSWORD@",
        ),
    ],
)
def test_a_message_bus_that_would_not_be_used_is_refused(
    pytester: pytest.Pytester, options: tuple[str, ...], words: str
) -> None:
    url, *others = options
    result = pytester.runpytest_inprocess(f"--maint-transport-url={url}", *others)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line.startswith("ERROR")]
    assert line.startswith(f"ERROR: --maint-transport-url: {words}")
    assert "s3cret" not in result.stderr.str()
