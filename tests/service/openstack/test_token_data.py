"""What is kept of a token is what keystoneauth reads from it."""

from __future__ import annotations

from typing import Any

from keystoneauth1.access.access import AccessInfoV3
from keystoneauth1.identity.base import BaseIdentityPlugin

from pytest_doctor_maint.openstack.token_data import read_tokens_once

ENDPOINT = {"id": "2", "interface": "public", "region": "R1", "region_id": "R1", "url": "http://127.0.0.1/compute"}
CATALOG = [
    {"type": "compute", "name": "nova", "id": "1", "endpoints": [ENDPOINT]},
    {"type": "image", "endpoints": []},
]


class Login(BaseIdentityPlugin):
    """Gets tokens that are valid until the end of one year after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.year = 2025

    def get_auth_ref(self, session: Any, **kwargs: Any) -> Any:
        self.year += 1
        body: Any = {"token": {"expires_at": f"{self.year}-12-31T23:59:59.000000Z", "catalog": CATALOG}}
        return AccessInfoV3(body, auth_token="secret")


def test_a_token_reads_as_before() -> None:
    plain = Login().get_auth_ref(None)
    login = Login()
    read_tokens_once(login)
    kept = login.get_auth_ref(None)
    for _ in range(2):
        assert kept.expires == plain.expires
        assert kept.will_expire_soon() == plain.will_expire_soon()
        assert kept.service_catalog.normalize_catalog() == plain.service_catalog.normalize_catalog()
        assert kept.service_catalog.url_for(service_type="compute") == "http://127.0.0.1/compute"
    assert kept.auth_token == "secret"
    assert kept.expires is kept.expires


def test_each_token_has_its_own_time() -> None:
    login = Login()
    read_tokens_once(login)
    assert [login.get_auth_ref(None).expires.year for _ in range(2)] == [2026, 2027]
