from typing import Any


def services(cloud: Any, host: str = "compute-1") -> Any:
    return cloud.call("GET", f"/os-services?host={host}", version="2.53").json["services"][0]


def test_a_dead_compute_counts_as_up_for_a_while(cloud: Any) -> None:
    server = cloud.boot()
    cloud.nova.power_off("compute-1")
    assert (server.status, server.guest_up, services(cloud)["state"]) == ("ACTIVE", False, "up")
    assert cloud.act(server, "evacuate", {}, version="2.68").status_code == 400
    cloud.wait(15)
    assert services(cloud)["state"] == "down"
    states = [(event.data["powered"], event.data["state"]) for event in cloud.history.of("compute", host="compute-1")]
    assert states == [(True, "up"), (False, "up"), (False, "down")]


def test_evacuation_takes_the_server_elsewhere_and_the_compute_forgets_it(cloud: Any) -> None:
    server = cloud.boot()
    cloud.nova.power_off("compute-1")
    service = services(cloud)
    cloud.call("PUT", f"/os-services/{service['id']}", {"forced_down": True}, version="2.53")
    assert services(cloud)["state"] == "down"
    assert cloud.act(server, "evacuate", {}, version="2.68").status_code == 200
    assert server.status == "REBUILD"
    cloud.wait(8)
    assert (server.status, server.host, server.held_on) == ("ACTIVE", "compute-2", ["compute-1", "compute-2"])
    assert cloud.guest(server) == [(6.0, True), (10.0, False), (18.0, True)]
    cloud.nova.power_on("compute-1")
    assert (server.held_on, cloud.nova.usage("compute-1").vcpus) == (["compute-2"], 0)
    assert services(cloud)["state"] == "down"
    cloud.call("PUT", f"/os-services/{service['id']}", {"forced_down": False}, version="2.53")
    assert services(cloud)["state"] == "up"


def test_guests_come_back_with_their_compute_unless_their_server_is_in_error(cloud: Any) -> None:
    first, second = cloud.boot("first", by="admin", availability_zone="nova:compute-1"), cloud.boot("second")
    assert second.host != first.host
    third = cloud.boot("third", by="admin", availability_zone="nova:compute-1")
    cloud.nova.power_off("compute-1")
    cloud.act(third, "os-resetState", {"state": "error"})
    cloud.nova.power_on("compute-1")
    assert (first.guest_up, second.guest_up, third.guest_up, third.status) == (True, True, False, "ERROR")


def test_reset_state_does_not_touch_the_guest(cloud: Any) -> None:
    server = cloud.boot()
    assert cloud.act(server, "os-resetState", {"state": "error"}).status_code == 202
    assert (server.status, server.guest_up) == ("ERROR", True)
    assert cloud.act(server, "os-resetState", {"state": "gone"}).status_code == 400
    assert cloud.act(server, "os-resetState", {"state": "active"}, by="demo").status_code == 403


def test_a_source_that_dies_takes_the_migration_with_it(cloud: Any) -> None:
    server = cloud.boot()
    cloud.act(server, "migrate")
    cloud.wait(1)
    cloud.nova.power_off("compute-1")
    cloud.wait(60)
    assert (server.status, server.guest_up) == ("RESIZE", False)
    cloud.nova.power_on("compute-1")
    assert (server.status, server.task_state, server.held_on, server.guest_up) == ("ACTIVE", None, ["compute-1"], True)
    assert cloud.nova.migrations[0].status == "error"


def test_a_target_that_dies_leaves_a_cold_migration_in_error_and_a_live_one_undone(cloud: Any) -> None:
    cold, live = cloud.boot("cold"), cloud.boot("live", by="admin", availability_zone="nova:compute-2")
    cloud.act(cold, "migrate", {"host": "compute-3"}, version="2.56")
    cloud.act(live, "os-migrateLive", {"host": "compute-3", "block_migration": "auto"}, version="2.90")
    cloud.wait(1)
    cloud.nova.power_off("compute-3")
    cloud.wait(20)
    assert (cold.status, cold.held_on, cold.guest_up) == ("ERROR", ["compute-1"], False)
    assert (live.status, live.held_on, live.guest_up) == ("ACTIVE", ["compute-2"], True)
    assert [one.status for one in cloud.nova.migrations] == ["error", "error"]
    assert cloud.nova.usage("compute-3").vcpus == 0


def test_work_for_a_dead_compute_waits_until_it_is_back(cloud: Any) -> None:
    server = cloud.boot()
    cloud.nova.power_off("compute-1")
    assert cloud.act(server, "os-stop", by="demo").status_code == 202
    cloud.wait(60)
    assert server.task_state == "powering-off"
    cloud.nova.power_on("compute-1")
    cloud.wait(3)
    assert (server.status, server.guest_up) == ("SHUTOFF", False)


def test_a_server_on_a_compute_that_is_down_is_deleted_at_once(cloud: Any) -> None:
    server = cloud.boot()
    cloud.nova.power_off("compute-1")
    cloud.wait(15)
    cloud.call("DELETE", f"/servers/{server.id}", by="demo")
    assert cloud.call("GET", f"/servers/{server.id}", by="demo").status_code == 404
    assert cloud.nova.usage("compute-1").vcpus == 0


def test_a_build_is_lost_with_its_compute(cloud: Any) -> None:
    server = cloud.boot(wait=1.0)
    cloud.nova.power_off("compute-1")
    cloud.wait(30)
    assert server.status == "BUILD"
    cloud.nova.power_on("compute-1")
    assert server.status == "ERROR"
