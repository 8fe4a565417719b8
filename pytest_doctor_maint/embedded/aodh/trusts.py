"""Trusts: how Aodh calls ``trust+http`` and ``trust+https`` URLs with a token of the user who wants to be called.

The rules are those of ``Alarm.update_actions`` and ``delete_actions`` in aodh/api/controllers/v2/alarms.py, and of
aodh/notifier/trust.py: an alarm with such URLs has one trust, whose id is the user name in each of them; the password
``delete`` of the first one says that the trust ends with the alarm.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from pytest_doctor_maint.embedded.aodh.alarm import Alarm, Settings
from pytest_doctor_maint.embedded.aodh.errors import Invalid
from pytest_doctor_maint.embedded.keystone.records import Target

if TYPE_CHECKING:
    from pytest_doctor_maint.embedded.caller import Caller
    from pytest_doctor_maint.embedded.core import Core
    from pytest_doctor_maint.embedded.keystone.models import Keystone

PREFIX = "trust+"


class AlarmTrusts:
    """The trusts of alarms. The trustee is a user of Aodh's own, which is made when the first trust is.

    Args:
        core: Draws the name of that user.
        keystone: Keeps the trusts and issues the tokens.
    """

    def __init__(self, core: Core, keystone: Keystone) -> None:
        self._core = core
        self._keystone = keystone
        self._user_id: str | None = None
        # Nobody else knows it. It is not drawn from the seed, which may be known.
        self._password = secrets.token_urlsafe(16)

    def grant(self, settings: Settings, caller: Caller, old: Alarm | None = None) -> Settings:
        """Return the settings of an alarm with the id of its trust in its ``trust+…`` URLs.

        Args:
            settings: The checked definition; no URL has a trust yet.
            caller: The user who becomes the trustor if there is no trust yet.
            old: The alarm that is replaced. Its trust is kept if it is still needed, and deleted otherwise.

        Raises:
            Invalid: The caller cannot make a trust.
        """
        kinds = (settings["ok_actions"], settings["alarm_actions"], settings["insufficient_data_actions"])
        trust_id = _trust_of(old) if old is not None else None
        if not any(url.startswith(PREFIX) for urls in kinds for url in urls):
            self._delete(trust_id)
            return settings
        trust_id = trust_id or self._create(caller)
        password, named = ":delete", []
        for urls in kinds:
            changed = []
            for url in urls:
                parts = urlsplit(url)
                if parts.scheme.startswith(PREFIX):
                    parts, password = parts._replace(netloc=f"{trust_id}{password}@{parts.netloc}"), ""
                    url = parts.geturl()
                changed.append(url)
            named.append(tuple(changed))
        return {
            **settings,
            "ok_actions": named[0],
            "alarm_actions": named[1],
            "insufficient_data_actions": named[2],
        }

    def revoke(self, alarm: Alarm) -> None:
        """Delete the trust of an alarm that is deleted."""
        self._delete(_trust_of(alarm))

    def token(self, url: SplitResult) -> str:
        """Return a new token of the trustor for a call of ``url``.

        Raises:
            IdentityError: The trust has ended, or the trustor has lost a role or is disabled.
        """
        proof = {"user": {"id": self._user_id, "password": self._password}}
        identity = {"methods": ["password"], "password": proof}
        scope = {"OS-TRUST:trust": {"id": url.username}}
        return self._keystone.login.authenticate({"identity": identity, "scope": scope}).id

    def _create(self, caller: Caller) -> str:
        keystone = self._keystone
        held = keystone.grants.roles_on(caller.user_id, Target("project", caller.project_id))
        roles = [role for role in held if role.name in caller.roles]
        if not roles:
            raise Invalid("No trust can be made for the alarm's actions: the user holds no role on a project.")
        if self._user_id is None:
            name = f"aodh-{self._core.ids.hex('aodh user')[:8]}"
            self._user_id = keystone.directory.create_user(name, password=self._password).id
        delegations = keystone.delegations
        return delegations.create_trust(caller.user_id, self._user_id, caller.project_id, roles, impersonation=True).id

    def _delete(self, trust_id: str | None) -> None:
        trust = self._keystone.delegations.trusts.get(trust_id or "")
        if trust is not None:
            self._keystone.delegations.delete_trust(trust)


def _trust_of(alarm: Alarm) -> str | None:
    """Return the id of the trust that ends with an alarm."""
    for url in (*alarm.ok_actions, *alarm.alarm_actions, *alarm.insufficient_data_actions):
        parts = urlsplit(url)
        if parts.scheme.startswith(PREFIX) and parts.password == "delete":
            return parts.username
    return None
