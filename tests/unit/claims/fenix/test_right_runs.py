"""Where Fenix does right, every claim holds."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_doctor_maint.claims import CLAIMS, Outcome, judge

Story = Any  # conftest.py's; a test folder is no package to import from
CHANGES = ("messages_are_answered", "messages_in_order", "every_needed_step_happens", "admin_tool_waits_for_answers")


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("workflow", ["fenix", "vnf"])
def test_holds(request: pytest.FixtureRequest, workflow: str, claim: str) -> None:
    story: Story = request.getfixturevalue(workflow)
    verdict = judge(story.history(), [claim]).of(claim)
    assert verdict.outcome is Outcome.HOLDS, [violation.message for violation in verdict.violations] or verdict.summary
    assert verdict.summary
    assert verdict.figures


@pytest.mark.parametrize("workflow", ["fenix", "vnf"])
def test_an_answer_that_was_taken_may_be_sent_again(request: pytest.FixtureRequest, workflow: str) -> None:
    """Known clients repeat theirs, some when the next message is under way already, or without the session's id."""
    story: Story = request.getfixturevalue(workflow)
    for reply in [draft for draft in story.drafts if draft.kind == "reply"]:
        again = story.after(reply).wait(25).answers(reply.cause)
        again.data["body"] = {key: value for key, value in reply.data["body"].items() if key != "session_id"}
    story.drafts.sort(key=lambda draft: draft.at)
    assert judge(story.history(), CHANGES).outcome is Outcome.HOLDS


def test_another_answer_to_what_was_answered_is_none_too_many(vnf: Story) -> None:
    reply = vnf.one("reply", state="ACK_PLANNED_MAINTENANCE")
    vnf.after(reply).answers(reply.cause).data["body"]["instance_action"] = "LIVE_MIGRATE"
    assert judge(vnf.history(), ["messages_are_answered"]).outcome is Outcome.VIOLATED


def test_cold_migrations_have_one_name(vnf: Story) -> None:
    """Doctor's VNFM calls MIGRATE a MIGRATION; an admin tool elsewhere is seen to take it as it comes."""
    for constraint in vnf.all("constraint.instance"):
        constraint.data["migration_type"] = "MIGRATION"
    for reply in vnf.all("reply", state="ACK_PLANNED_MAINTENANCE"):
        reply.data["body"]["instance_action"] = "MIGRATION"
    assert judge(vnf.history()).outcome is Outcome.HOLDS


def test_more_may_be_asked_for_when_something_was_given(fenix: Story) -> None:
    """The project gives one instance, is asked again, and gives the other."""
    first, second = fenix.all("server", status="DELETED")[:2]
    notice = fenix.one("notification", state="SCALE_IN", event_type="maintenance.scheduled")
    fenix.after(first).answers(notice)
    fenix.after(fenix.one("reply", state="ACK_SCALE_IN"))
    asked = fenix.tells("SCALE_IN", window=60)
    late = fenix.all("reply", state="ACK_SCALE_IN")[-1]
    late.cause = asked
    assert fenix.drafts.index(second) > fenix.drafts.index(asked)
    assert judge(fenix.history(), CHANGES).outcome is Outcome.HOLDS
