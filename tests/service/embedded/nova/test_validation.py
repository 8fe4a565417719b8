"""Which request bodies Nova accepts at which microversion, and the error messages for those that it refuses."""

from __future__ import annotations

import pytest

from pytest_doctor_maint.embedded.nova.errors import Invalid
from pytest_doctor_maint.embedded.nova.schema import Schemas
from pytest_doctor_maint.embedded.nova.schema_types import BOOLEAN, NAME, integer, object_
from pytest_doctor_maint.embedded.nova.server_schemas import CREATE
from tests.support.nova import NovaBench


def server(bench: NovaBench, **changes: object) -> dict[str, object]:
    """Return the body of a request to create a server; a field with the value ``...`` is left out."""
    fields = {"name": "one", "flavorRef": "3", "imageRef": bench.image, **changes}
    return {"server": {name: value for name, value in fields.items() if value is not ...}}


def refuse(bench: NovaBench, body: object, version: str = "2.1", path: str = "/servers") -> str:
    """Send a body that Nova must refuse, check that no server was created, and return the message."""
    error = bench.call("POST", path, body, version=version, status=400)["badRequest"]
    assert error["code"] == 400
    assert bench.nova.servers == {}
    return str(error["message"])


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"name": " x"},
        {"name": "x\n"},
        {"name": ...},
        {"flavorRef": "none"},
        {"flavorRef": {}},
        {"flavorRef": ...},
        {"imageRef": "none"},
        {"imageRef": ""},
        {"imageRef": ...},
        {"imageRef": "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
        {"unknown": 1},
        {"metadata": {"key": "x" * 256}},
        {"metadata": {"k/y": "x"}},
        {"metadata": {"key": 1}},
        {"metadata": None},
        {"key_name": "none"},
        {"networks": [{"uuid": "x"}]},
        {"networks": [{}]},
        {"networks": "auto"},
        {"min_count": 3, "max_count": 2},
        {"min_count": 0},
        {"min_count": "x"},
        {"availability_zone": "nowhere"},
        {"security_groups": "default"},
        {"block_device_mapping_v2": [{"boot_index": 0, "source_type": "volume", "uuid": "x"}]},
        {"user_data": "x"},
        {"accessIPv4": "2001:db8::1"},
        {"config_drive": "perhaps"},
        {"OS-DCF:diskConfig": "BOTH"},
    ],
)
def test_a_wrong_request_creates_no_server(bench: NovaBench, change: dict[str, object]) -> None:
    refuse(bench, server(bench, **change))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ...}, "Invalid input for field/attribute server. Value: {server}. 'name' is a required property"),
        (
            {"unknown": 1},
            "Invalid input for field/attribute server. Value: {server}. "
            "Additional properties are not allowed ('unknown' was unexpected)",
        ),
        ({"min_count": 0}, "Invalid input for field/attribute min_count. Value: 0. 0 is less than the minimum of 1"),
        ({"min_count": "0"}, "Invalid input for field/attribute min_count. Value: 0. 0 is less than the minimum of 1"),
        (
            {"flavorRef": []},
            "Invalid input for field/attribute flavorRef. Value: []. [] is not of type 'string', 'integer'",
        ),
        (
            {"name": " x"},
            "An invalid 'name' value was provided. The name must be: printable characters. "
            "Can not start or end with whitespace.",
        ),
        ({"imageRef": ...}, "Invalid imageRef provided."),
    ],
)
def test_the_message_is_in_words_of_nova(bench: NovaBench, change: dict[str, object], message: str) -> None:
    body = server(bench, **change)

    assert refuse(bench, body) == message.replace("{server}", str(body["server"]))


def test_a_message_does_not_show_passwords(bench: NovaBench) -> None:
    for body in (server(bench, adminPass=["secret"]), server(bench, adminPass="secret", unknown=1)):
        message = refuse(bench, body)
        assert "secret" not in message
        assert "***" in message


def test_a_body_without_a_server_is_refused(bench: NovaBench) -> None:
    assert refuse(bench, {"instance": {}}) == "'server' is a required property"
    assert refuse(bench, {**server(bench), "more": 1}) == (
        "Additional properties are not allowed ('more' was unexpected)"
    )


NETWORK = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
#: Fields of a server to be created: a value, the first microversion that takes it, and the first one that does not.
FIELDS: list[tuple[dict[str, object], str, str | None]] = [
    ({"description": "d"}, "2.19", None),
    ({"description": None}, "2.19", None),
    ({"personality": []}, "2.1", "2.57"),
    ({"tags": ["t"]}, "2.52", None),
    ({"trusted_image_certificates": ["c"]}, "2.63", None),
    ({"trusted_image_certificates": None}, "2.63", None),
    ({"host": "compute-1"}, "2.74", None),
    ({"hypervisor_hostname": "compute-1"}, "2.74", None),
    ({"hostname": "guest"}, "2.90", None),
    ({"hostname": "guest.example.org"}, "2.94", None),
    ({"networks": ...}, "2.1", "2.37"),
    ({"networks": "none"}, "2.37", None),
    ({"networks": [{"uuid": NETWORK, "tag": "t"}]}, "2.32", "2.37"),
    ({"networks": [{"uuid": NETWORK, "tag": "t"}]}, "2.42", None),
]


def neighbours(version: str) -> tuple[str, str]:
    """Return a microversion and the one before it."""
    minor = int(version.partition(".")[2])
    return version, f"2.{minor - 1}"


def accepts(change: dict[str, object], version: str) -> bool:
    """Return True if the schema of a microversion accepts a change; ``networks`` is added where it is required."""
    minor = int(version.partition(".")[2])
    networks = {"networks": "none"} if minor >= 37 else {}
    fields = {"name": "one", "flavorRef": "3", **networks, **change}
    try:
        CREATE.check_body({"server": {name: value for name, value in fields.items() if value is not ...}}, (2, minor))
    except Invalid:
        return False
    return True


@pytest.mark.parametrize(("change", "first", "last"), FIELDS)
def test_a_field_is_known_from_its_first_microversion_to_its_last(
    change: dict[str, object], first: str, last: str | None
) -> None:
    since, before = neighbours(first)

    assert accepts(change, since)
    assert before == "2.0" or not accepts(change, before)
    if last is not None:
        gone, still = neighbours(last)
        assert accepts(change, still)
        assert not accepts(change, gone)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"'])
def test_a_body_that_is_not_a_json_object_is_refused(bench: NovaBench, body: bytes) -> None:
    refuse(bench, body)


def test_the_legacy_api_ignores_unknown_fields_and_white_space_around_names(bench: NovaBench) -> None:
    headers = {"X-Auth-Token": "ann"}
    body = server(bench, name=" one ", unknown=1)

    answer = bench.client.post("/v2/servers", json=body, headers=headers)

    assert answer.status_code == 202, answer.text
    assert [made.name for made in bench.nova.servers.values()] == ["one"]
    assert bench.client.post("/v2/servers", json=server(bench, name=" "), headers=headers).status_code == 400


# -- the layer ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, "1", 2, "2", 3, "3"])
def test_an_integer_may_be_a_string_within_the_same_bounds(value: int | str) -> None:
    Schemas(integer(1, 3)).check_body(value)


@pytest.mark.parametrize("value", [0, "0", 4, "4", "", "x", "1.0", 1.5, None, True, [1]])
def test_an_integer_out_of_bounds_or_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        Schemas(integer(1, 3)).check_body(value)


@pytest.mark.parametrize("value", [True, False, "true", "ON", "No", "0"])
def test_a_boolean_may_be_one_of_the_words_of_nova(value: bool | str) -> None:
    Schemas(BOOLEAN).check_body(value)


@pytest.mark.parametrize("value", ["t", "yEs", "", 1, 0, None])
def test_other_words_are_not_booleans(value: object) -> None:
    with pytest.raises(Invalid):
        Schemas(BOOLEAN).check_body(value)


@pytest.mark.parametrize("value", ["x", "x" * 255, "two words", "na\u0308me", "a\u00a0b"])
def test_a_name_is_printable(value: str) -> None:
    Schemas(NAME).check_body(value)


@pytest.mark.parametrize("value", ["", "x" * 256, " x", "x ", "\tx", "a\x00b", "a\u2028b", 1])
def test_a_name_without_characters_or_with_others_is_refused(value: object) -> None:
    with pytest.raises(Invalid):
        Schemas(NAME).check_body(value)


def test_the_schema_of_the_highest_microversion_that_is_not_above_the_request_applies() -> None:
    schemas = Schemas(object_({"old": {}}), {(2, 10): object_({"new": {}}), (2, 9): object_({"middle": {}})})

    schemas.check_body({"old": 1}, (2, 8))
    schemas.check_body({"middle": 1}, (2, 9))
    schemas.check_body({"new": 1}, (2, 10))
    schemas.check_body({"new": 1}, (2, 96))
    with pytest.raises(Invalid):
        schemas.check_body({"new": 1}, (2, 9))


#: The id of an image that does not exist.
NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    "place", [{"availability_zone": "nova:nowhere"}, {"host": "nowhere"}, {"hypervisor_hostname": "nowhere"}]
)
def test_only_admins_are_told_what_is_wrong_with_a_server_for_a_certain_compute(
    bench: NovaBench, place: dict[str, str]
) -> None:
    for other in ({}, {"flavorRef": "none"}, {"imageRef": NOWHERE}, {"key_name": "none"}):
        body = server(bench, networks="none", **place, **other)
        bench.call("POST", "/servers", body, version="2.96", status=403)
        bench.call("POST", "/servers", body, by="admin", version="2.96", status=400)
    assert bench.nova.servers == {}
