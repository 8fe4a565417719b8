"""Secrets in the logs of HTTP clients: keystoneauth writes every request and answer with its body at level DEBUG, and
urllib3 every path.
"""

from __future__ import annotations

import logging
import re

from pytest_doctor_maint.secret_keys import is_secret, without_url_secrets

#: The loggers that write bodies or URLs. A filter of a logger does not see the records of the loggers below it.
_LOGGERS = (
    "keystoneauth.session",
    "keystoneauth.session.request",
    "keystoneauth.session.response",
    "keystoneauth.session.body",
    "keystoneauth.identity.v3.base",
    "urllib3.connectionpool",
    "urllib3.util.retry",
    # The embedded Aodh, which cannot know what is secret in the URL of an alarm that it does not reach.
    "pytest_doctor_maint.embedded.aodh.delivery",
)
#: A text in JSON: its key, what is between, and its value.
_TEXT = re.compile(r'"([^"\\]{1,100})"(\s*:\s*)"(?:[^"\\]|\\.)*"')


class _Redaction(logging.Filter):
    """Writes ``***`` in place of the values whose keys say that they are secret, and of the secrets of URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        redacted = _TEXT.sub(lambda found: f'"{found[1]}"{found[2]}"***"' if is_secret(found[1]) else found[0], text)
        redacted = without_url_secrets(redacted)
        if redacted != text:
            record.msg, record.args = redacted, None
        return True


_REDACTION = _Redaction()


def keep_secrets_out_of_the_log() -> None:
    """Redact what HTTP clients log in this process, from now on."""
    for name in _LOGGERS:
        # Adding the same filter again changes nothing.
        logging.getLogger(name).addFilter(_REDACTION)
