"""The timeline of a run as an SVG picture: sessions, messages, computes, instances and the service."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from pytest_doctor_maint.claims import Judgement, judge
from pytest_doctor_maint.history import History
from pytest_doctor_maint.report import timeline
from tests.support.fenix_runs import change_constraint, vnf_workflow
from tests.support.golden import assert_golden
from tests.support.history_builder import EPOCH, HistoryBuilder, full_cloud
from tests.support.pictures import bars, height, labels, marked, rows, texts, tips

NOT_JUDGED = Judgement(())


def test_the_timeline_shows_computes_instances_messages_and_the_service(good: History) -> None:
    shown = labels(timeline(good))
    for text in ("doctor", "12 messages", "compute-1", "compute-3", "doctor_nonha_app_0", "IN_MAINTENANCE"):
        assert text in shown
    assert "PLANNED_MAINTENANCE 0.32 s" in shown
    assert not any("no reply" in text for text in shown)


def test_the_downtime_of_a_service_is_below_its_name(good: History, bad: History) -> None:
    shown = labels(timeline(bad))
    assert shown[shown.index("service 172.24.4.3") + 1] == "down 12 s in all"
    assert "down 12 s" in shown
    assert "down 0 s in all" in labels(timeline(good))
    assert any(tip.startswith("down for 12 s") and "doctor_ha_app_0" in tip for tip in tips(timeline(bad)))
    assert not any(tip.startswith("down for") for tip in tips(timeline(good)))


def test_the_time_is_above_and_below_the_rows(good: History) -> None:
    shown = labels(timeline(good))
    for tick in ("0 s", "150 s", "300 s"):
        assert shown.count(tick) == 2


# -- messages ----------------------------------------------------------------------------------------------------------


def drawn(run: HistoryBuilder) -> str:
    """Return the picture of a run that is not judged."""
    return timeline(run.history(), NOT_JUDGED)


def test_the_bar_of_a_message_ends_at_the_reply_and_the_deadline_is_named() -> None:
    picture = drawn(full_cloud())
    # given a message at 30 s, due at 150 s, which is answered after 2 s
    (bar,) = bars(picture, "DOWN_SCALE at 30 s: 2 s; reply due at 150 s")
    (maintenance,) = bars(picture, "compute-3: IN_MAINTENANCE")
    # then its bar is as long as 2 s are: the maintenance of a compute takes 60 s
    assert bar[1] - bar[0] == pytest.approx((maintenance[1] - maintenance[0]) / 30, abs=0.5)


def test_the_bar_of_a_message_without_a_reply_ends_at_the_deadline() -> None:
    run = full_cloud()
    run.drop(run.one("reply", state="ACK_DOWN_SCALE"))
    picture = drawn(run)
    (bar,) = bars(picture, "DOWN_SCALE at 30 s: no reply; reply due at 150 s")
    (maintenance,) = bars(picture, "compute-3: IN_MAINTENANCE")
    assert bar[1] - bar[0] == pytest.approx((maintenance[1] - maintenance[0]) * 2, abs=0.5)
    assert "DOWN_SCALE no reply" in labels(picture)


def test_a_refusal_and_a_late_reply_are_named() -> None:
    run = full_cloud()
    run.one("reply", state="ACK_DOWN_SCALE").data["state"] = "NACK_DOWN_SCALE"
    run.shift(run.one("reply", state="ACK_PREPARE_MAINTENANCE"), 130)
    shown = labels(drawn(run))
    assert "DOWN_SCALE NACK after 2 s" in shown
    assert "PREPARE_MAINTENANCE 130 s, too late" in shown


def test_only_a_reply_that_was_accepted_ends_the_bar_of_a_message() -> None:
    run = full_cloud()
    reply = run.one("reply", state="ACK_DOWN_SCALE")
    run.after(reply).refuse(reply)
    assert "DOWN_SCALE reply refused" in labels(drawn(run))


def test_of_many_messages_those_that_tell_something_are_named() -> None:
    # given 30 messages that are answered at once, and one that is not answered
    run = full_cloud()
    run.after(run.one("notification", state="MAINTENANCE_COMPLETE"))
    for number in range(30):
        message = run.wait(2).message("PLANNED_MAINTENANCE")
        if number != 7:
            run.reply(message)
    shown = labels(drawn(run.sort()))
    # then this one is named, and that of the whole session
    assert shown.count("PLANNED_MAINTENANCE no reply") == 1
    assert "DOWN_SCALE 2 s" in shown
    assert "PLANNED_MAINTENANCE 0 s" not in shown


# -- computes and instances --------------------------------------------------------------------------------------------


def test_a_compute_is_shown_as_down_until_it_is_up_again(good: History) -> None:
    # given a compute whose last state is that it is down
    last = good.of("compute", host="compute-2")[-1]
    down = History(
        events=[replace(event, data={**event.data, "state": "down"}) if event == last else event for event in good]
    )
    # then
    assert any(tip.startswith("compute-2: down from") for tip in tips(timeline(down)))
    assert not any(tip.startswith("compute-2: down") for tip in tips(timeline(good)))


def test_act_and_stby_are_told_apart_and_change_at_the_switch_over() -> None:
    # given a switch-over at PLANNED_MAINTENANCE, while ha_0 is on compute-1
    run = full_cloud()
    second = EPOCH + timedelta(seconds=run.one("floating_ip", 1).at)
    offset = f"{(second - EPOCH).total_seconds():g} s"
    picture = drawn(run)
    # then ha_0 is ACT until then, and STBY from then on
    (act,) = bars(picture, "ha_0 ACT on compute-1 from")
    (stby,) = bars(picture, f"ha_0 STBY on compute-1 from {offset}")
    assert act[1] == pytest.approx(stby[0], abs=0.2)
    assert {"ACT ha_0", "STBY ha_1", "switch-over to ha_1", "switch-over to ha_0"} <= set(labels(picture))


def test_what_was_done_to_a_compute_is_named_on_its_row() -> None:
    run = full_cloud()
    run.after(run.one("reply", state="ACK_DOWN_SCALE")).fault("compute-2")
    run.log("inspector", "host.failure", host="compute-2")
    run.log("inspector", "fault_management", host="compute-2", action="force_down", server_id=None)
    shown = labels(drawn(run))
    assert {"fault compute dies injected", "reported down", "Inspector: force_down"} <= set(shown)


# -- sizes -------------------------------------------------------------------------------------------------------------


def cloud_of(computes: int) -> HistoryBuilder:
    """Return a run on many computes, each of which is maintained."""
    run = HistoryBuilder()
    hosts = [f"compute-{number}" for number in range(1, computes + 1)]
    run.run_started(hosts, {})
    for number, host in enumerate(hosts):
        run.compute(host)
        run.boot(f"a_{number}", host)
    run.session(hosts)
    for host in hosts:
        run.reply(run.message("PLANNED_MAINTENANCE"))
        run.maintain(host)
    return run


def test_many_quiet_computes_are_strips_and_one_that_was_down_has_a_row() -> None:
    run = cloud_of(64)
    run.compute("compute-17", state="down")
    run.wait(10).compute("compute-17")
    picture = drawn(run)
    assert height(picture) <= 1600
    assert rows(picture) == ["session 1", "doctor", "compute-17", "63 other computes"]


def test_a_picture_of_64_computes_takes_less_than_half_a_second() -> None:
    history = cloud_of(64).history()
    began = process_time()
    timeline(history, NOT_JUDGED)
    assert process_time() - began < 0.5


@pytest.mark.parametrize("computes", [1, 20, 64, 200])
def test_a_picture_is_never_higher_than_a_page(computes: int) -> None:
    run = cloud_of(computes)
    for number in range(computes):
        # Something goes wrong about each compute and each instance.
        run.compute(f"compute-{number + 1}", state="down")
        run.log("nemesis", "fault", name="f", target=f"a_{number}", phase="injected")
        run.wait(1)
    picture = timeline(run.history(), judgement := judge(run.history()))
    assert height(picture) <= 1600
    assert marked(picture) == {each.claim: len(each.violations) for each in judgement.verdicts if each.violations}


# -- any history -------------------------------------------------------------------------------------------------------


def test_a_history_that_broke_off_says_so(good: History) -> None:
    half = History(events=good.events[: len(good) // 2])
    assert any(text.startswith("THE RECORDING BREAKS OFF at") for text in labels(timeline(half)))
    assert not any("BREAKS OFF" in text for text in labels(timeline(good)))


def test_a_history_without_a_session_or_a_service_is_drawn() -> None:
    run = HistoryBuilder()
    run.run_started(["compute-1"], {})
    run.compute("compute-1")
    assert rows(drawn(run)) == ["compute-1"]


def test_a_picture_without_verdicts_says_so(good: History) -> None:
    assert "claims: none judged" in labels(timeline(good, NOT_JUDGED))


def test_names_cannot_break_the_picture(good: History) -> None:
    events = [
        replace(event, data={**event.data, "scenario": "</text><script>"}) if event.kind == "run.started" else event
        for event in good
    ]
    assert "</text><script>" in texts(timeline(History(events=events)))


def test_an_empty_history_has_no_timeline() -> None:
    with pytest.raises(ValueError, match="empty history"):
        timeline(History())


def test_the_same_history_gives_the_same_picture(good: History) -> None:
    assert timeline(good) == timeline(good)


def test_a_secret_of_a_url_is_not_in_the_picture() -> None:
    # given a claim that names the URL of a reply, with the secret at its end
    secret = "s" * 43
    run = full_cloud()
    run.one("reply", state="ACK_DOWN_SCALE").data["url"] = f"http://a/maintenance/{secret}"
    picture = timeline(run.history())
    assert "/maintenance/***" in picture
    assert secret not in picture


# -- golden files ------------------------------------------------------------------------------------------------------


def test_a_run_with_an_outage_is_drawn_as_somebody_saw_it_last(bad: History) -> None:
    # By named claims, so that a new claim changes no picture.
    judgement = judge(bad, ["messages_are_answered", "admin_tool_waits_for_answers", "downtime_is_zero"])
    assert_golden("timeline_outage.svg", timeline(bad, judgement))


def test_a_run_of_the_vnf_workflow_is_drawn_as_somebody_saw_it_last() -> None:
    # given a broken lead time, an outage, and a compute that dies
    run = vnf_workflow()
    change_constraint(run, "constraint.instance", 0, which="id-ha_0", lead_time=500)
    run.drop(run.one("floating_ip", 1))
    run.time = 150
    run.fault("compute-2")
    run.log("inspector", "host.failure", host="compute-2")
    run.compute("compute-2", state="down")
    run.wait(30).compute("compute-2")
    history = run.sort().history()
    judgement = judge(history, ["lead_times_are_kept", "downtime_is_zero", "failures_are_managed_once"])
    assert_golden("timeline_vnf.svg", timeline(history, judgement))
