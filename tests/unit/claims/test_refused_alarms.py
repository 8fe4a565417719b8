"""A message that an actor elsewhere did not take has not reached it."""

from typing import Any

import pytest

from pytest_doctor_maint.claims import Outcome, judge

Story = Any  # conftest.py's; a test folder is no package to import from


@pytest.mark.parametrize(
    ("claim", "event_type", "words"),
    [
        ("messages_reach_their_project", "maintenance.scheduled", "reached doctor 0 times"),
        ("inspector_hears_of_maintenance", "maintenance.host", "reached the Inspector 0 times"),
    ],
)
def test_an_alarm_that_was_refused_has_not_arrived(story: Story, claim: str, event_type: str, words: str) -> None:
    """An actor elsewhere may refuse one, or not answer; the relay in front of it tells."""
    assert judge(story.history(), [claim]).outcome is Outcome.HOLDS
    alarm = story.one("alarm", event_type=event_type)
    refused = story.after(alarm).log(alarm.actor, "alarm.refused", cause=alarm, status=500, error="no")
    verdict = judge(story.history(), [claim]).of(claim)
    assert verdict.outcome is Outcome.VIOLATED
    assert words in verdict.violations[0].message
    assert story.drafts.index(refused) + 1 in verdict.violations[0].events
