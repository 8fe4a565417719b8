"""Secrets in the log of keystoneauth, which writes every request and answer with its body at level DEBUG."""

from __future__ import annotations

import logging
import re

from pytest_doctor_maint.history.secret_keys import is_secret

#: The loggers of keystoneauth that write bodies. A filter of a logger does not see the records of the loggers below it.
_LOGGERS = (
    "keystoneauth.session",
    "keystoneauth.session.request",
    "keystoneauth.session.response",
    "keystoneauth.session.body",
    "keystoneauth.identity.v3.base",
)
#: A text in JSON: its key, what is between, and its value.
_TEXT = re.compile(r'"([^"\\]{1,100})"(\s*:\s*)"(?:[^"\\]|\\.)*"')


class _Redaction(logging.Filter):
    """Writes ``***`` in place of the values whose keys say that they are secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        redacted = _TEXT.sub(lambda found: f'"{found[1]}"{found[2]}"***"' if is_secret(found[1]) else found[0], text)
        if redacted != text:
            record.msg, record.args = redacted, None
        return True


_REDACTION = _Redaction()


def keep_secrets_out_of_the_log() -> None:
    """Redact what keystoneauth logs in this process, from now on."""
    for name in _LOGGERS:
        # Adding the same filter again changes nothing.
        logging.getLogger(name).addFilter(_REDACTION)
