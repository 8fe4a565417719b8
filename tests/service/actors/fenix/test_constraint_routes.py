"""Where VNFMs set constraints: for themselves alone, and in whichever order."""

from typing import Any

import pytest

DOCTOR, OTHER, ADMIN = "doctor", "other", "admin"
ID, GROUP = "3f6a2c1e-8a55-4b8f-9d0e-0c5b7f3c2a11", "9a2a2c1e-8a55-4b8f-9d0e-0c5b7f3c2a22"


def instance(lab: Any, **changes: Any) -> dict[str, Any]:
    return {
        "instance_id": ID,
        "project_id": lab.project(),
        "group_id": GROUP,
        "instance_name": "one",
        "max_interruption_time": 120,
        "migration_type": "MIGRATE",
        "resource_mitigation": True,
        "lead_time": 40,
        **changes,
    }


def group(lab: Any, **changes: Any) -> dict[str, Any]:
    return {
        "group_id": GROUP,
        "project_id": lab.project(),
        "group_name": "ones",
        "anti_affinity_group": True,
        "max_instances_per_host": 1,
        "max_impacted_members": 1,
        "recovery_time": 4,
        "resource_mitigation": True,
        **changes,
    }


BOTH = [(f"/instance/{ID}", instance), (f"/instance_group/{GROUP}", group)]


@pytest.mark.parametrize("who", [DOCTOR, ADMIN])
@pytest.mark.parametrize("order", [1, -1])
def test_they_are_set_read_and_removed_in_either_order(lab: Any, who: str, order: int) -> None:
    for path, body in BOTH[::order]:
        for _ in range(2):
            answer = lab.call("PUT", path, body(lab, surprise=1), who=who)
            assert answer.status_code == 200, answer.text
        assert lab.call("GET", path, who=who).json() == body(lab)
    for path, _ in BOTH[::order]:
        answer = lab.call("DELETE", path, who=who)
        assert (answer.status_code, answer.json()) == (200, {})
        for method in ("GET", "DELETE"):
            gone = lab.call(method, path, who=who)
            assert (gone.status_code, gone.json()["error"].startswith("Invalid instance")) == (404, True)


@pytest.mark.parametrize(("path", "body"), BOTH)
def test_a_project_sets_its_own_alone(lab: Any, path: str, body: Any) -> None:
    assert lab.call("PUT", path, body(lab), who=OTHER).status_code == 403
    assert lab.call("GET", path, who=DOCTOR).status_code == 404
    assert lab.call("PUT", path, body(lab), who=DOCTOR).status_code == 200
    for method in ("GET", "DELETE"):
        assert lab.call(method, path, who=OTHER).status_code == 403
    # Nor does it take over what another has set.
    assert lab.call("PUT", path, body(lab, project_id=lab.project(OTHER)), who=OTHER).status_code == 403
    assert lab.call("GET", path, who=DOCTOR).json()["project_id"] == lab.project()


def test_an_instance_that_nova_knows_is_its_projects_alone(make_lab: Any) -> None:
    lab = make_lab(instances=2)
    server_id = next(iter(lab.world.app_managers[DOCTOR].application.ids.values()))
    body = instance(lab, instance_id=server_id)
    foreign = lab.call("PUT", f"/instance/{server_id}", {**body, "project_id": lab.project(OTHER)}, who=OTHER)
    assert (foreign.status_code, foreign.json()["error"]) == (403, "a project may speak for itself alone")
    assert lab.call("PUT", f"/instance/{server_id}", body, who=DOCTOR).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "changes", "complaint"),
    [
        (*BOTH[0], {"instance_id": "another"}, "instance_id"),
        (*BOTH[0], {"lead_time": -1}, "lead_time"),
        (*BOTH[0], {"lead_time": "soon"}, "lead_time"),
        (*BOTH[0], {"migration_type": "FLY"}, "migration_type"),
        (*BOTH[0], {"max_interruption_time": None}, "max_interruption_time"),
        (*BOTH[1], {"group_id": "another"}, "group_id"),
        (*BOTH[1], {"max_impacted_members": -1}, "max_impacted_members"),
        (*BOTH[1], {"recovery_time": []}, "recovery_time"),
    ],
)
def test_a_bad_one_is_refused_and_changes_nothing(
    lab: Any, path: str, body: Any, changes: dict[str, Any], complaint: str
) -> None:
    refused = lab.call("PUT", path, body(lab, **changes), who=DOCTOR)
    assert (refused.status_code, complaint in refused.json()["error"]) == (400, True), refused.json()
    assert lab.call("GET", path, who=DOCTOR).status_code == 404


@pytest.mark.parametrize("project_id", [None, 5, [], {}])
def test_a_project_that_is_none_is_refused(lab: Any, project_id: Any) -> None:
    for path, body in BOTH:
        assert lab.call("PUT", path, body(lab, project_id=project_id), who=DOCTOR).status_code == 403
        assert lab.call("PUT", path, body(lab, project_id=project_id), who=ADMIN).status_code == 400


def test_a_project_may_leave_itself_out(lab: Any) -> None:
    for path, body in BOTH:
        sent = body(lab)
        del sent["project_id"]
        assert lab.call("PUT", path, sent, who=DOCTOR).json()["project_id"] == lab.project()
