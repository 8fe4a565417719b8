"""Tasks in Glance: what a new task needs, and how tasks are listed."""

import pytest

from tests.support.glance import GlanceBench
from tests.support.json import Json

IMPORT: Json = {"import_from": "http://example.org", "import_from_format": "raw", "image_properties": {}}
LOCATION: Json = {"image_id": "x", "loc_url": "http://example.org", "validation_data": {}}


@pytest.mark.parametrize(
    ("kind", "parameters"), [("import", IMPORT), ("api_image_import", {"image_id": "x"}), ("location_import", LOCATION)]
)
def test_a_task_needs_the_parameters_of_its_type(bench: GlanceBench, kind: str, parameters: Json) -> None:
    for name in parameters:
        left = {key: value for key, value in parameters.items() if key != name}
        error = bench.call("POST", "/v2/tasks", {"type": kind, "input": left}, who="admin", status=400)
        assert error["message"] == f"Input does not contain '{name}' field"
    task = bench.call("POST", "/v2/tasks", {"type": kind, "input": parameters}, who="admin", status=201)
    assert (task["type"], task["status"], task["input"]) == (kind, "failure", parameters)
    assert task["message"]
    assert bench.call("GET", f"/v2/tasks/{task['id']}", who="admin") == task


@pytest.mark.parametrize("name", ["type", "input"])
def test_a_task_has_a_type_and_an_input(bench: GlanceBench, name: str) -> None:
    body = {key: value for key, value in {"type": "import", "input": IMPORT}.items() if key != name}
    assert bench.call("POST", "/v2/tasks", body, who="admin", status=400)["message"] == f"Task '{name}' is required"


def test_tasks_are_filtered_and_paged(bench: GlanceBench) -> None:
    for _ in range(3):
        bench.call("POST", "/v2/tasks", {"type": "import", "input": IMPORT}, who="admin", status=201)
    first = bench.call("GET", "/v2/tasks?type=import&status=failure&limit=2", who="admin")
    assert len(first["tasks"]) == 2
    assert len(bench.call("GET", first["next"], who="admin")["tasks"]) == 1
    assert bench.call("GET", "/v2/tasks?status=success", who="admin")["tasks"] == []
    bench.call("GET", "/v2/tasks/nothing", who="admin", status=404)
    bench.call("GET", "/v2/tasks", status=403)
