"""The three actors of the use case: admin tool, app manager and Inspector."""
