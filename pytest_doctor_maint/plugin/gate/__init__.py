"""The verdict of a run of pytest for a gate: collected in the controller, written as JSON, pushed to a TestAPI."""
