"""The error of a value that cannot be used."""

from pytest_doctor_maint.refusal import Refusal
from pytest_doctor_maint.secret_keys import without_url_secrets


class SettingsError(Refusal):
    """A value cannot be used. The plugin makes a usage error of it, with which pytest ends with exit code 4.

    The secret in the URL of an actor is not shown, because the output of a run may be public.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(without_url_secrets(reason))
