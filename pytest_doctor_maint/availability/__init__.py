"""Whether a service is up: exact intervals from a history."""
