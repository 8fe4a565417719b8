"""The published schemas: requests are validated with them, and answers match them."""

from collections.abc import Callable, Iterator

import pytest
from jsonschema import Draft202012Validator

from pytest_doctor_maint.embedded.glance.routes_schemas import PUBLISHED
from tests.support.glance import A_UUID, GlanceBench, bounds, unused_names
from tests.support.json import Json

NAMESPACES = "/v2/metadefs/namespaces"
SPACE = f"{NAMESPACES}/space"
#: The parameters that the tasks of all types need.
TASK_INPUT = {
    "import_from": "http://example.org",
    "import_from_format": "raw",
    "image_properties": {},
    "image_id": "an image",
    "loc_url": "http://example.org",
    "validation_data": {},
}
PROPERTY = {"title": "One", "type": "string"}

Send = Callable[[Json], int]


class Sender:
    """Sends requests for one kind of resource, each with one property of its body replaced."""

    def __init__(self, bench: GlanceBench) -> None:
        self._bench = bench
        self._names: Iterator[str] = unused_names()
        bench.call("POST", NAMESPACES, {"namespace": "space"}, who="admin", status=201)
        bench.call("POST", f"{SPACE}/tags/tag", who="admin", status=201)
        self._image = bench.call("POST", "/v2/images", {}, who="admin", status=201)["id"]

    def _post(self, path: str, body: Json, *, key: str = "name") -> int:
        return self._bench.ask("POST", path, {key: next(self._names), **body}, who="admin").status_code

    def image(self, body: Json) -> int:
        status = self._bench.ask("POST", "/v2/images", body, who="admin").status_code
        # An id cannot be used twice.
        self._bench.cloud.glance.images.clear()
        self._bench.cloud.glance.deleted.clear()
        return status

    def member(self, body: Json) -> int:
        members = f"/v2/images/{self._image}/members"
        if "member_id" in body:
            return self._bench.ask("POST", members, {"member": body["member_id"]}, who="admin").status_code
        self._bench.ask("POST", members, {"member": "project"}, who="admin")
        return self._bench.ask("PUT", f"{members}/project", body, who="admin").status_code

    def task(self, body: Json) -> int:
        return self._bench.ask(
            "POST", "/v2/tasks", {"type": "import", "input": TASK_INPUT, **body}, who="admin"
        ).status_code

    def namespace(self, body: Json) -> int:
        return self._post(NAMESPACES, body, key="namespace")

    def resource_type(self, body: Json) -> int:
        return self._post(f"{SPACE}/resource_types", body)

    def object(self, body: Json) -> int:
        return self._post(f"{SPACE}/objects", body)

    def property(self, body: Json) -> int:
        return self._post(f"{SPACE}/properties", {**PROPERTY, **body})

    def tag(self, body: Json) -> int:
        return self._post(f"{SPACE}/tags", {"tags": [{"name": "a", **body}]}, key="tags")

    def renamed_tag(self, body: Json) -> int:
        names = [tag["name"] for tag in self._bench.call("GET", f"{SPACE}/tags", who="admin")["tags"]]
        return self._bench.ask("PUT", f"{SPACE}/tags/{names[0]}", {"name": names[0], **body}, who="admin").status_code


def send(sender: Sender, path: str, body: Json) -> int:
    """Send a request for the resource whose schema is at ``path``, and return the status of the answer."""
    by_name: dict[str, Send] = {
        "image": sender.image,
        "member": sender.member,
        "task": sender.task,
        "metadefs/namespace": sender.namespace,
        "metadefs/resource_type": sender.resource_type,
        "metadefs/object": sender.object,
        "metadefs/property": sender.property,
        "metadefs/tag": sender.tag,
    }
    return by_name[path](body)


#: The schemas of single resources.
RESOURCES = (
    "image",
    "member",
    "task",
    "metadefs/namespace",
    "metadefs/resource_type",
    "metadefs/object",
    "metadefs/property",
    "metadefs/tag",
)
#: The properties that requests do not contain, because the path has them.
NOT_SENT = {("member", "image_id")}


def settable() -> list[tuple[str, str]]:
    """Return each property that a request can contain, with the path of its schema."""
    return [
        (path, name)
        for path in RESOURCES
        for name, schema in PUBLISHED[path]["properties"].items()
        if not schema.get("readOnly") and (path, name) not in NOT_SENT
    ]


def taken(path: str, name: str, value: Json) -> tuple[int, ...]:
    """Return the statuses of a request with a value that the schema allows."""
    if (path, name) == ("image", "locations"):
        # As in Glance, whose default is show_multiple_locations = False.
        return (403,)
    if (path, name, value) == ("task", "input", None):
        # The schema is that of the shown task, which may have no input; a new one needs parameters.
        return (400,)
    return (200, 201)


@pytest.mark.parametrize(("path", "name"), settable())
def test_values_at_the_bounds_are_taken_and_values_beyond_them_are_refused(
    bench: GlanceBench, path: str, name: str
) -> None:
    document = bench.call("GET", f"/v2/schemas/{path}")
    sender = Sender(bench)
    inside, outside = bounds(document["properties"][name], document)
    if (path, name) == ("task", "input"):
        inside = [None, TASK_INPUT]
    for value in inside:
        assert send(sender, path, {name: value}) in taken(path, name, value), value
    for value in outside:
        assert send(sender, path, {name: value}) == 400, value


def read_only() -> list[tuple[str, str]]:
    """Return each property that only the server sets, where requests with it are refused."""
    return [
        (path, name)
        for path in RESOURCES
        for name, schema in PUBLISHED[path]["properties"].items()
        if schema.get("readOnly") and path not in ("member", "task", "metadefs/tag")
    ]


@pytest.mark.parametrize(("path", "name"), read_only())
def test_a_read_only_property_cannot_be_sent(bench: GlanceBench, path: str, name: str) -> None:
    document = bench.call("GET", f"/v2/schemas/{path}")
    inside, _ = bounds(document["properties"][name], document)
    sender = Sender(bench)
    for value in inside:
        assert send(sender, path, {name: value}) == 403, value


@pytest.mark.parametrize("path", [path for path in RESOURCES if path not in ("image", "member")])
def test_an_unknown_property_is_refused(bench: GlanceBench, path: str) -> None:
    assert bench.call("GET", f"/v2/schemas/{path}")["additionalProperties"] is False
    assert send(Sender(bench), path, {"unknown": "x"}) == 400


def test_properties_of_users_are_strings(bench: GlanceBench) -> None:
    assert bench.call("GET", "/v2/schemas/image")["additionalProperties"] == {"type": "string"}
    sender = Sender(bench)
    assert sender.image({"color": "red"}) == 201
    assert sender.image({"color": 1}) == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (NAMESPACES, {"namespace": "other"}),
        (f"{SPACE}/resource_types", {"name": "Mine"}),
        (f"{SPACE}/objects", {"name": "one"}),
        (f"{SPACE}/properties", {"name": "one", "title": "One", "type": "string"}),
    ],
)
def test_what_the_schema_requires_is_mandatory(bench: GlanceBench, path: str, body: Json) -> None:
    kind = {NAMESPACES: "namespace", f"{SPACE}/resource_types": "resource_type", f"{SPACE}/objects": "object"}
    Sender(bench)
    required = bench.call("GET", f"/v2/schemas/metadefs/{kind.get(path, 'property')}")["required"]
    assert sorted(required) == sorted(body)
    for name in required:
        bench.call("POST", path, {key: value for key, value in body.items() if key != name}, who="admin", status=400)
    bench.call("POST", path, body, who="admin", status=201)


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        (NAMESPACES, {"namespace": "other", "description": "x" * 501}, "schema 'namespace'"),
        (f"{SPACE}/properties", {"name": "one", **PROPERTY, "minLength": -1}, "schema 'property'"),
        (f"{SPACE}/objects", {"name": "one", "required": [1]}, "schema 'object'"),
        (f"{SPACE}/objects", {"name": "one", "properties": {"p": {**PROPERTY, "minLength": -1}}}, "['minLength']"),
        (NAMESPACES, {"namespace": "other", "properties": {"p": {"title": "One"}}}, "'type' is a required property"),
        (NAMESPACES, {"namespace": "other", "objects": [{"name": "o", "required": ["a", "a"]}]}, "schema 'namespace'"),
    ],
)
def test_a_refusal_names_the_schema_and_the_place(bench: GlanceBench, path: str, body: Json, words: str) -> None:
    Sender(bench)
    error = bench.call("POST", path, body, who="admin", status=400)
    assert error["message"].startswith("Provided object does not match schema '")
    assert words in error["message"]
    assert (error["code"], error["title"]) == ("400 Bad Request", "Bad Request")


def test_tags_are_validated_when_they_are_renamed(bench: GlanceBench) -> None:
    sender = Sender(bench)
    assert sender.renamed_tag({"name": "x" * 80}) == 200
    assert sender.renamed_tag({"name": "x" * 81}) == 400
    assert sender.renamed_tag({"created_at": "2030-01-01T00:00:00Z"}) == 403


@pytest.mark.parametrize("path", PUBLISHED)
def test_a_published_schema_is_the_one_that_is_used(bench: GlanceBench, path: str) -> None:
    document = bench.call("GET", f"/v2/schemas/{path}")
    assert document == PUBLISHED[path]
    Draft202012Validator.check_schema(document)


def test_an_unknown_schema_is_not_found(bench: GlanceBench) -> None:
    bench.call("GET", "/v2/schemas/nothing", status=404)


@pytest.fixture
def filled(bench: GlanceBench) -> GlanceBench:
    """Glance with resources of each kind, which have all properties that requests can set."""
    bench.call(
        "POST",
        NAMESPACES,
        {
            "namespace": "space",
            "visibility": "public",
            "display_name": "Space",
            "description": "A namespace",
            "resource_type_associations": [{"name": "Mine", "prefix": "m_"}],
            "objects": [{"name": "o", "required": ["p"], "properties": {"p": {**PROPERTY, "enum": ["a"]}}}],
            "properties": {"p": {**PROPERTY, "minLength": 0, "items": {"type": "string"}, "required": ["x"]}},
            "tags": [{"name": "t"}],
        },
        who="admin",
        status=201,
    )
    image = bench.call(
        "POST",
        "/v2/images",
        {
            "id": "6f1d0e0a-8b2f-4f7b-9c3d-2a1e6b7c8d9e",
            "disk_format": "raw",
            "container_format": "bare",
            "color": "red",
        },
        status=201,
    )
    path = f"/v2/images/{image['id']}"
    bench.call("PUT", f"{path}/stage", b"octets", content_type="application/octet-stream", status=204)
    bench.call("POST", f"{path}/import", {"method": {"name": "glance-direct"}}, status=202)
    bench.call("POST", f"{path}/members", {"member": bench.projects["bob"]})
    bench.call("POST", "/v2/tasks", {"type": "import", "input": TASK_INPUT}, who="admin", status=201)
    return bench


IMAGE = f"/v2/images/{A_UUID}"


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("image", IMAGE),
        ("images", "/v2/images"),
        ("member", f"{IMAGE}/members/BOB"),
        ("members", f"{IMAGE}/members"),
        ("tasks", "/v2/tasks"),
        ("metadefs/namespace", SPACE),
        ("metadefs/namespaces", NAMESPACES),
        ("metadefs/resource_types", f"{SPACE}/resource_types"),
        ("metadefs/object", f"{SPACE}/objects/o"),
        ("metadefs/objects", f"{SPACE}/objects"),
        ("metadefs/property", f"{SPACE}/properties/p"),
        ("metadefs/properties", f"{SPACE}/properties"),
        ("metadefs/tag", f"{SPACE}/tags/t"),
        ("metadefs/tags", f"{SPACE}/tags"),
    ],
)
def test_answers_match_their_published_schema(filled: GlanceBench, schema: str, path: str) -> None:
    answer = filled.call("GET", path.replace("BOB", filled.projects["bob"]), who="admin")
    document = filled.call("GET", f"/v2/schemas/{schema}")
    assert [error.message for error in Draft202012Validator(document).iter_errors(answer)] == []
    if "properties" in document and document.get("additionalProperties") is not False and schema != "image":
        assert set(answer) <= set(document["properties"])


def test_single_tasks_match_their_published_schema(filled: GlanceBench) -> None:
    document = filled.call("GET", "/v2/schemas/task")
    tasks = filled.call("GET", "/v2/tasks", who="admin")["tasks"]
    assert {task["type"] for task in tasks} == {"import", "api_image_import"}
    for task in tasks:
        shown = filled.call("GET", f"/v2/tasks/{task['id']}", who="admin")
        assert [error.message for error in Draft202012Validator(document).iter_errors(shown)] == []
