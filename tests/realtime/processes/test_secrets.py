"""No secret of a run is in what the run leaves: terminal, log at DEBUG, history, JUnit, Allure."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.plugin_runs import hide_surroundings

SCENARIO = """
    import pytest

    def test_one(maintenance, computes):
        maintenance.when(maintenance.given(computes).full().where(scenario="", repeat="")).holds()
        pytest.fail("so that the captured log is shown")
"""
#: Write down every secret where it is made: the users' passwords, the passwords of servers, the ids of tokens, and the
#: secrets of URLs.
SPY = """
    from pathlib import Path

    from pytest_doctor_maint.actors.admin_tool.base.reply_secrets import ReplySecrets
    from pytest_doctor_maint.embedded.keystone.token_store import TokenStore
    from pytest_doctor_maint.embedded.nova.service import NovaService
    from pytest_doctor_maint.openstack.url_secrets import UrlSecrets
    from keystoneauth1.identity import v3

    SECRETS = Path("secrets.txt")

    def note(secret):
        with SECRETS.open("a") as file:
            file.write(f"{secret}\\n")
        return secret

    issue, new_password, login = TokenStore.issue, NovaService.new_password, v3.Password.__init__
    url_secret, reply_path = UrlSecrets.issue, ReplySecrets.path

    def issue_and_note(self, *args, **kwargs):
        token = issue(self, *args, **kwargs)
        note(token.id)
        return token

    def log_in_and_note(self, *args, **kwargs):
        note(kwargs["password"])
        login(self, *args, **kwargs)

    TokenStore.issue = issue_and_note
    def reply_path_and_note(self, *args):
        path = reply_path(self, *args)
        note(path.rpartition("/")[2])
        return path

    ReplySecrets.path = reply_path_and_note
    UrlSecrets.issue = lambda self: note(url_secret(self))
    NovaService.new_password = lambda self: note(new_password(self))
    v3.Password.__init__ = log_in_and_note
"""


@pytest.mark.parametrize("actors", [(), ("--admin-tool=fenix", "--app-manager=vnfm")], ids=["sample", "vnfm"])
def test_no_secret_is_in_any_output(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, actors: tuple[str, ...]
) -> None:
    hide_surroundings(pytester, monkeypatch)
    pytester.makeconftest(SPY)
    pytester.makepyfile(SCENARIO)
    outputs = pytester.path / "outputs"
    result = pytester.runpytest_subprocess(
        "-p",
        "doctor_maint",
        "--log-level=DEBUG",
        "--computes=3",
        # A monitor reports, too.
        "--maint-fault=compute_dies:host=compute-1",
        f"--maint-history={outputs}",
        f"--alluredir={outputs}",
        f"--junit-xml={outputs / 'junit.xml'}",
        "-o",
        "junit_logging=all",
        *actors,
    )
    result.assert_outcomes(failed=1)
    secrets = set((pytester.path / "secrets.txt").read_text(encoding="utf-8").split())
    assert len(secrets) > 10
    printed = [result.stdout.str(), result.stderr.str()]
    assert "keystoneauth.session" in printed[0]
    assert "POST /maintenance/*** " in printed[0]
    assert "PUT /monitors/***/events " in printed[0]
    written = [path.read_text(encoding="utf-8") for path in Path(outputs).iterdir()]
    assert len(written) >= 3
    assert [secret for secret in secrets if any(secret in text for text in (*printed, *written))] == []
