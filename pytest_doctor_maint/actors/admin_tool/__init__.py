"""The admin tool: it announces each step of a maintenance, waits for the answers, and carries it out."""
