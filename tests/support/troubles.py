"""Faults of the environment: what the user reads, what is left behind, and the test that shows it.

``docs/trouble.md`` is made of these rows; ``tests/unit/project/test_troubles.py`` keeps both the same.
"""

from __future__ import annotations

from dataclasses import dataclass

NOTHING = "nothing"
REMOVED = "nothing: the session, the alarms, the servers and the project are removed, and the computes enabled"
LISTED = "the session, listed with the command that removes it; all else is removed"


@dataclass(frozen=True)
class Row:
    """A fault of the environment.

    Attributes:
        fault: What breaks.
        reads: What the user reads. A word in braces stands for what differs; the rest stands in the test.
        code: The exit code of pytest, where the other tests pass.
        left: What is left behind.
        test: The test that shows it: its file below the top of the checkout, ``::`` and its name.
    """

    fault: str
    reads: str
    code: str
    left: str
    test: str


_PLUGIN, _RUNS = "tests/testbed/plugin/test_broken_off.py", "tests/testbed/runs/test_broken_runs.py"
_ATTACHED = "tests/realtime/attach/"

ROWS = (
    Row(
        "pytest is killed (`kill -9`)",
        "",
        "137",
        "the history up to the last event; on a cloud that goes on, everything: the next row",
        f"{_PLUGIN}::test_a_process_that_is_killed_leaves_the_history",
    ),
    Row(
        "a run that was killed has left its project",
        "the cloud has the project doctor already, as a run that was killed leaves it; remove it with: {commands}",
        "1",
        "what the killed run has left, until the commands remove it, and the alarm `inspector_maintenance`",
        "tests/unit/testbed/test_suitability.py::test_what_a_killed_run_has_left_is_listed_with_the_commands_that_remove_it",
    ),
    Row(
        "Ctrl-C",
        "the run broke off: it was interrupted",
        "2",
        REMOVED,
        f"{_ATTACHED}test_broken_off.py::test_an_interrupt_leaves_the_cloud_as_it_was",
    ),
    Row(
        "Ctrl-C again, while the run removes what it made",
        "{what} could not be removed from {cloud}: the removal was interrupted; remove it with: {command}",
        "2",
        "what was not removed yet, listed with the command that removes it",
        "tests/unit/testbed/test_removal.py::test_a_second_interrupt_ends_the_removal_and_lists_what_is_left",
    ),
    Row(
        "SIGTERM",
        "the run broke off: it was interrupted (SIGTERM)",
        "2",
        "as after Ctrl-C",
        f"{_PLUGIN}::test_an_interrupt_ends_the_session_with_a_verdict",
    ),
    Row(
        "pytest-timeout",
        "the run broke off: {where}Failed: Timeout (>1.0s) from pytest-timeout.",
        "1",
        f"{REMOVED}; with `timeout_method=thread` as after `kill -9`",
        f"{_PLUGIN}::test_a_time_out_is_a_verdict_too",
    ),
    Row(
        "the disk of the history is full",
        "the history {path} is incomplete: [Errno 27] File too large",
        "0",
        "the history up to there; the run goes on, and its verdict counts",
        f"{_ATTACHED}test_unreachable.py::test_a_history_for_which_there_is_no_room_ends_no_run",
    ),
    Row(
        "standard output is full",
        "doctor-maint: cannot write to standard output: No space left on device; the tests go on",
        "0",
        "the history; the exit code has the verdict",
        f"{_ATTACHED}test_unreachable.py::test_standard_output_that_is_full_ends_no_run",
    ),
    Row(
        "standard output is closed",
        "",
        "0",
        "the history; the exit code has the verdict",
        f"{_ATTACHED}test_unreachable.py::test_standard_output_that_is_closed_ends_no_run",
    ),
    Row(
        "the path of the history cannot be written",
        "ERROR: {option}: {path} cannot be written: No such file or directory; allowed: the path of a {what} that can "
        "be",
        "4",
        NOTHING,
        f"{_PLUGIN}::test_a_path_that_cannot_be_written_is_refused_before_any_test",
    ),
    Row(
        "the cloud is killed during a run",
        "the run broke off: the cloud 'lab' at {URL} does not answer: Connection refused",
        "1",
        "everything that the run made there, listed with the commands that remove it",
        f"{_ATTACHED}test_killed.py::test_a_cloud_that_is_killed_is_named_and_all_that_may_be_left_is_listed",
    ),
    Row(
        "the admin tool is killed during a run",
        "the run broke off: the admin tool at {URL} does not answer: GET {path}: Connection refused",
        "1",
        LISTED,
        f"{_ATTACHED}test_killed.py::test_an_admin_tool_that_is_killed_is_named_and_its_session_is_listed",
    ),
    Row(
        "the admin tool hangs",
        "the run broke off: the session s1 of the admin tool at {URL} hangs in PLANNED_MAINTENANCE",
        "1",
        f"{LISTED}, if the admin tool does not end it",
        f"{_ATTACHED}test_broken_off.py::test_an_admin_tool_that_hangs_is_named_and_what_is_left_is_listed",
    ),
    Row(
        "the admin tool repeats one message for ever",
        "the last message is SCALE_IN to the project {id and time}, sent 1{20 times}",
        "1",
        "as when it hangs",
        f"{_RUNS}::test_a_session_without_anything_new_hangs",
    ),
    Row(
        "the admin tool answers text in place of JSON",
        "",
        "as judged",
        "`answer.unreadable` in the history; the claims judge the run as any other",
        f"{_ATTACHED}test_broken_off.py::test_an_admin_tool_that_answers_with_text_gets_a_verdict",
    ),
    Row(
        "the admin tool answers 500 for longer than 15 s",
        "the admin tool {name} does not answer: GET /maintenance/{id} is answered with 500: {answer}",
        "1",
        LISTED,
        f"{_RUNS}::test_an_admin_tool_that_answers_500_for_a_moment_is_asked_again",
    ),
    Row(
        "the cloud cannot be reached at the start",
        "the run broke off: the cloud 'lab' at {URL}/v3 does not answer: Connection refused",
        "1",
        NOTHING,
        f"{_ATTACHED}test_unreachable.py::test_a_cloud_that_cannot_be_reached_is_named",
    ),
    Row(
        "so, and the number of computes is not given",
        "ERROR: --os-cloud: the computes of the cloud 'other' at http://127.0.0.1:9/v3 cannot be counted: Connection "
        "refused; allowed: --computes=N",
        "4",
        NOTHING,
        "tests/testbed/plugin/test_errors.py::test_a_cloud_whose_number_of_computes_cannot_be_asked_for",
    ),
    Row(
        "the password is wrong",
        "the run broke off: the cloud 'lab' at http://127.0.0.1:{port and path}/v3: Unauthorized: The request you have "
        "made requires authentication. (HTTP 401)",
        "1",
        NOTHING,
        f"{_ATTACHED}test_unreachable.py::test_a_wrong_password_and_an_admin_tool_that_is_not_there_are_named",
    ),
    Row(
        "nothing listens at the admin tool's port",
        "the run broke off: the admin tool at {URL} does not answer: POST /maintenance: Connection refused",
        "1",
        NOTHING,
        f"{_ATTACHED}test_unreachable.py::test_a_wrong_password_and_an_admin_tool_that_is_not_there_are_named",
    ),
    Row(
        "an actor of the user's own raises an exception",
        "the run broke off: the app manager Clumsy: ZeroDivisionError: a bug",
        "1",
        REMOVED,
        f"{_PLUGIN}::test_the_first_lines_say_what_broke_and_the_last_where_the_history_is",
    ),
    Row(
        "a thread of an actor ends with an exception",
        "the run broke off: the admin tool {name}: ZeroDivisionError: forgot how in the thread a thread of its own",
        "1",
        REMOVED,
        f"{_RUNS}::test_what_broke_first_comes_before_what_ended_the_run",
    ),
    Row(
        "a compute is disabled already",
        "every compute must be enabled and up before the test; unsuitable: {compute} (disabled: broken fan)",
        "1",
        NOTHING,
        "tests/unit/testbed/test_suitability.py::test_a_compute_that_is_not_in_use_is_refused_before_anything_is_created",
    ),
    Row(
        "there is no room to empty a compute",
        "there is no room to empty any of compute-1{, compute-2, compute-3}",
        "1",
        REMOVED,
        "scenarios/test_fenix_scale_in.py::test_none_at_all",
    ),
    Row(
        "a token of the admin tool is revoked",
        "",
        "0",
        "nothing: the admin tool takes a new token, and the session goes on",
        "tests/testbed/runs/test_trouble_with_the_cloud.py::test_a_token_that_is_revoked_in_between_is_replaced",
    ),
    Row(
        "nobody answers at the reply URL of a message",
        "app_manager doctor could not send ACK_MAINTENANCE to {URL}",
        "1",
        "nothing: the session fails, and puts everything back",
        "tests/service/actors/app_manager/test_trouble.py::test_an_admin_tool_that_is_gone_is_told_in_one_line",
    ),
    Row(
        "the app manager elsewhere is killed",
        "the app manager at {URL} does not answer: Connection refused",
        "1",
        "nothing of the run: the application belongs to the app manager",
        f"{_ATTACHED}test_actors.py::test_an_app_manager_that_is_not_there",
    ),
    Row(
        "the Inspector elsewhere cannot be reached",
        "the Inspector at {URL} does not answer: Connection refused ({number} messages)",
        "1",
        REMOVED,
        "tests/service/attach/relay/test_relay.py::test_an_actor_that_does_not_answer_is_named_in_the_first_line",
    ),
)

_HEAD = """\
# When something breaks

What you read when the environment of a run breaks, the exit code of pytest, and what is left behind. Words in braces
differ from run to run; an actor or a cloud is named by the address that you gave. Each row is shown by the test in the
last column. `tests/support/troubles.py` has the rows; `python -m tests.support.troubles` writes this page.

On a cloud that goes on running, a run that breaks off has a minute to remove what it has made. What it cannot remove is
listed in lines that begin with `left behind:`, each with the command that removes it.

| fault | what you read | exit code | what is left behind | test |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the page about faults of the environment."""
    lines = []
    for row in ROWS:
        file, _, name = row.test.partition("::")
        reads = f"`{row.reads}`" if row.reads else "nothing"
        lines.append(f"| {row.fault} | {reads} | {row.code} | {row.left} | [{name}](../{file}) |")
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    from pathlib import Path

    (Path(__file__).parents[2] / "docs" / "trouble.md").write_text(page(), encoding="utf-8")
