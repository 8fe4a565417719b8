from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def plain_surroundings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables of the machine that the tests run on say nothing."""
    # Hypothesis would be imported anew in each run of pytest within pytest, which takes a second.
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    for name in ("TEST_CASE", "ADMIN_TOOL_TYPE", "APP_MANAGER_TYPE", "INSPECTOR_TYPE", "OS_CLOUD"):
        monkeypatch.delenv(name, raising=False)
    clouds = pytester.path.parent / f"{pytester.path.name}-clouds.yaml"
    clouds.write_text("clouds: {other: {auth: {auth_url: 'http://127.0.0.1:9/v3'}}}\n", encoding="utf-8")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(clouds))


@pytest.fixture
def one_test(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with one maintenance test, which prints its settings."""
    pytester.makepyfile(
        test_one="""
        import pytest
        from pytest_doctor_maint.plugin.settings import SETTINGS, settings_for

        @pytest.mark.maintenance
        def test_one(request):
            settings = settings_for(request)
            for kind in SETTINGS:
                print(f"{kind.keyword}: {getattr(settings, kind.field)!r} from {settings.sources[kind.field]}")
        """
    )
    return pytester
