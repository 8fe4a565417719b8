"""Key pairs in Nova: how they are imported and created, their owners, and their quota."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from tests.support.nova import NovaBench

KEYPAIRS = "/os-keypairs"


@pytest.fixture(scope="module")
def public_key() -> str:
    return Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def test_a_public_key_is_imported(bench: NovaBench, public_key: str) -> None:
    body = {"keypair": {"name": "k", "public_key": public_key}}

    made = bench.call("POST", KEYPAIRS, body)["keypair"]

    assert made["user_id"] == "u-ann"
    assert len(made["fingerprint"]) == 47
    assert "private_key" not in made
    assert "type" not in made
    bench.call("POST", KEYPAIRS, body, status=409)
    bench.call("GET", f"{KEYPAIRS}/k", by="bob", status=404)
    assert bench.call("GET", f"{KEYPAIRS}/k", version="2.2")["keypair"]["type"] == "ssh"
    bench.call("DELETE", f"{KEYPAIRS}/k", status=202)
    bench.call("DELETE", f"{KEYPAIRS}/k", status=404)


def test_a_private_key_is_returned_once_and_not_kept(bench: NovaBench) -> None:
    made = bench.call("POST", KEYPAIRS, {"keypair": {"name": "k"}}, version="2.2", status=201)["keypair"]

    public = load_pem_private_key(made["private_key"].encode(), None).public_key()
    written = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert made["public_key"].startswith(written)
    assert "private_key" not in bench.call("GET", f"{KEYPAIRS}/k")["keypair"]
    assert all("PRIVATE" not in event.to_json() for event in bench.history)


def test_certificates_are_created_and_imported(bench: NovaBench) -> None:
    body = {"keypair": {"name": "k", "type": "x509"}}

    made = bench.call("POST", KEYPAIRS, body, version="2.2", status=201)["keypair"]

    assert len(made["fingerprint"]) == 59
    again = {"keypair": {"name": "l", "type": "x509", "public_key": made["public_key"]}}
    copy = bench.call("POST", KEYPAIRS, again, version="2.2", status=201)
    assert copy["keypair"]["fingerprint"] == made["fingerprint"]


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"name": ""}, "2.1"),
        ({"name": "x" * 256}, "2.1"),
        ({"name": "a/b"}, "2.1"),
        ({"name": "a.b"}, "2.91"),
        ({"name": "k", "public_key": ""}, "2.1"),
        ({"name": "k", "public_key": "ssh-rsa AAAA"}, "2.1"),
        ({"name": "k", "public_key": "nonsense"}, "2.1"),
        ({"name": "k", "type": "ssh"}, "2.1"),
        ({"name": "k", "type": "wrong"}, "2.2"),
        ({"name": "k", "user_id": "u-ann"}, "2.9"),
        ({"name": "k"}, "2.92"),
    ],
)
def test_a_key_pair_with_wrong_fields_is_not_created(bench: NovaBench, fields: dict[str, object], version: str) -> None:
    bench.call("POST", KEYPAIRS, {"keypair": fields}, version=version, status=400)

    assert bench.call("GET", KEYPAIRS) == {"keypairs": []}


def test_only_admins_handle_the_key_pairs_of_other_users(bench: NovaBench, public_key: str) -> None:
    body = {"keypair": {"name": "k.k", "public_key": public_key, "user_id": "u-ann"}}
    bench.call("POST", KEYPAIRS, body, by="bob", version="2.92", status=403)

    bench.call("POST", KEYPAIRS, body, by="admin", version="2.92", status=201)

    bench.call("GET", f"{KEYPAIRS}/k.k")
    path = f"{KEYPAIRS}/k.k?user_id=u-ann"
    bench.call("DELETE", path, by="bob", version="2.10", status=403)
    bench.call("DELETE", path, by="admin", version="2.10", status=204)


def test_the_quota_limits_the_key_pairs(bench: NovaBench, public_key: str) -> None:
    bench.nova.quotas.set(bench.projects["ann"], None, {"key_pairs": 1})

    for name, status in (("a", 200), ("b", 403)):
        bench.call("POST", KEYPAIRS, {"keypair": {"name": name, "public_key": public_key}}, status=status)


def test_a_listing_has_pages_from_2_35_on(bench: NovaBench, public_key: str) -> None:
    for name in "abc":
        bench.call("POST", KEYPAIRS, {"keypair": {"name": name, "public_key": public_key}})

    page = bench.call("GET", f"{KEYPAIRS}?limit=2", version="2.35")

    assert [item["keypair"]["name"] for item in page["keypairs"]] == ["a", "b"]
    assert "marker=b" in page["keypairs_links"][0]["href"]
    assert len(bench.call("GET", f"{KEYPAIRS}?limit=2", version="2.34")["keypairs"]) == 3
    bench.call("GET", f"{KEYPAIRS}?unknown=2", version="2.75", status=400)
