"""The error of a value that cannot be used."""


class SettingsError(Exception):
    """A value cannot be used. The plugin makes a usage error of it, with which pytest ends with exit code 4."""
