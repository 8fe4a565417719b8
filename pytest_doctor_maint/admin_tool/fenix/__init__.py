"""Fenix: an admin tool with the HTTP API of OpenStack's unofficial project of that name."""
