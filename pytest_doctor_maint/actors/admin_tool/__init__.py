"""The admin tool: it announces each step of a maintenance, waits for the replies, and carries the step out."""

#: The name of the admin tool in histories.
ACTOR = "admin_tool"
