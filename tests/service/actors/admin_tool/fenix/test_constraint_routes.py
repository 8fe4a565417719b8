"""VNFMs set constraints for their own project only, groups and instances in any order."""

from collections.abc import Callable

import pytest

from tests.support.fenix import ADMIN, DOCTOR, OTHER, Json, Lab, MakeLab

ID, GROUP = "3f6a2c1e-8a55-4b8f-9d0e-0c5b7f3c2a11", "9a2a2c1e-8a55-4b8f-9d0e-0c5b7f3c2a22"


def instance(lab: Lab, **changes: object) -> Json:
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


def group(lab: Lab, **changes: object) -> Json:
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


MakeBody = Callable[..., Json]

BOTH: list[tuple[str, MakeBody]] = [(f"/instance/{ID}", instance), (f"/instance_group/{GROUP}", group)]


@pytest.mark.parametrize("who", [DOCTOR, ADMIN])
@pytest.mark.parametrize("order", [1, -1])
def test_constraints_are_set_read_and_removed_in_either_order(lab: Lab, who: str, order: int) -> None:
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
def test_a_project_sets_its_own_constraints_only(lab: Lab, path: str, body: MakeBody) -> None:
    assert lab.call("PUT", path, body(lab), who=OTHER).status_code == 403
    assert lab.call("GET", path, who=DOCTOR).status_code == 404
    assert lab.call("PUT", path, body(lab), who=DOCTOR).status_code == 200
    for method in ("GET", "DELETE"):
        assert lab.call(method, path, who=OTHER).status_code == 403
    # A project cannot take over the constraint of another project. Two groups may have the same id, instances not.
    taken = lab.call("PUT", path, body(lab, project_id=lab.project(OTHER)), who=OTHER).status_code
    assert taken == (200 if "group" in path else 403)
    assert lab.call("GET", path, who=DOCTOR).json()["project_id"] == lab.project()


def test_the_constraint_of_a_server_is_set_by_its_own_project_only(make_lab: MakeLab) -> None:
    lab = make_lab(instances=2)
    server_id = lab.instances()[0]
    body = instance(lab, instance_id=server_id)
    foreign = lab.call("PUT", f"/instance/{server_id}", {**body, "project_id": lab.project(OTHER)}, who=OTHER)
    assert (foreign.status_code, foreign.json()["error"]) == (403, "the token is scoped to another project")
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
def test_a_bad_constraint_is_refused_and_changes_nothing(
    lab: Lab, path: str, body: MakeBody, changes: Json, complaint: str
) -> None:
    refused = lab.call("PUT", path, body(lab, **changes), who=DOCTOR)
    assert (refused.status_code, complaint in refused.json()["error"]) == (400, True), refused.json()
    assert lab.call("GET", path, who=DOCTOR).status_code == 404


@pytest.mark.parametrize("project_id", [None, 5, [], {}])
def test_an_invalid_project_id_is_refused(lab: Lab, project_id: object) -> None:
    for path, body in BOTH:
        assert lab.call("PUT", path, body(lab, project_id=project_id), who=DOCTOR).status_code == 403
        assert lab.call("PUT", path, body(lab, project_id=project_id), who=ADMIN).status_code == 400


def test_the_project_id_may_be_left_out(lab: Lab) -> None:
    for path, body in BOTH:
        sent = body(lab)
        del sent["project_id"]
        assert lab.call("PUT", path, sent, who=DOCTOR).json()["project_id"] == lab.project()


@pytest.mark.parametrize("first", [DOCTOR, OTHER])
def test_a_stranger_who_knows_the_id_of_a_group_does_not_lock_its_project_out(lab: Lab, first: str) -> None:
    """Both set it, in either order; each reads and removes its own."""
    path, second = f"/instance_group/{GROUP}", OTHER if first == DOCTOR else DOCTOR
    for recovery_time, who in enumerate((first, second), start=5):
        body = group(lab, project_id=lab.project(who), recovery_time=recovery_time)
        assert lab.call("PUT", path, body, who=who).status_code == 200
    assert [lab.call("GET", path, who=who).json()["recovery_time"] for who in (first, second)] == [5, 6]
    # The admin's token does not say which one is meant.
    refused = lab.call("DELETE", path, who=ADMIN)
    assert (refused.status_code, lab.project(OTHER) in refused.json()["error"]) == (409, True)
    assert lab.call("DELETE", path, who=first).status_code == 200
    assert lab.call("GET", path, who=first).status_code == 403
    assert lab.call("GET", path, who=second).json()["recovery_time"] == 6
    assert lab.call("DELETE", path, who=ADMIN).status_code == 200
