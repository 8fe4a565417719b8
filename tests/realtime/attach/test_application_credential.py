"""pytest attached to a cloud whose entry in clouds.yaml is an application credential, which has one scope."""

from __future__ import annotations

import pytest
import yaml

from tests.support.labs import CLOUD, Lab
from tests.support.sessions import session_test


@pytest.mark.realtime(seconds=60)
def test_a_run_asks_for_no_other_scope(small_lab: Lab) -> None:
    """Instances that start on given computes need an admin in their project; none of the run's users is left."""
    user = str(small_lab.admin.session.get_user_id())
    credential = small_lab.identity.create_application_credential(user=user, name="ci", roles=[{"name": "admin"}])
    path = small_lab.folder / "clouds.yaml"
    entries = yaml.safe_load(path.read_text())
    entry = entries["clouds"][CLOUD]
    secret = {"application_credential_id": credential.id, "application_credential_secret": credential.secret}
    entry |= {"auth_type": "v3applicationcredential", "auth": {"auth_url": entry["auth"]["auth_url"], **secret}}
    path.write_text(yaml.safe_dump(entries))
    before = small_lab.inventory()
    result = small_lab.pytest(session_test("sample", "with_single_instances_on(1)", here=True))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
    assert small_lab.inventory() == before
