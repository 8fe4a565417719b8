"""The notification bus of the embedded cloud, which services and admin tools send their notifications to."""
