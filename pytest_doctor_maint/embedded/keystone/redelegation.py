"""The rules by which the trustee of a trust passes its roles on with another trust.

They are those of ``Manager.create_trust`` and ``Manager._validate_redelegation`` in keystone/trust/core.py.
"""

from __future__ import annotations

from pytest_doctor_maint.embedded.keystone.errors import Forbidden, Invalid
from pytest_doctor_maint.embedded.keystone.records import Trust

MAX_REDELEGATION = 3
"""How often a trust may be redelegated (Keystone's ``max_redelegation_count``)."""


def redelegation_count(
    asked: int | None, *, allowed: bool, parent: Trust | None = None, remaining_uses: int | None = None
) -> int:
    """Return how often a new trust may be redelegated.

    Args:
        asked: The number that the request names; None if it names none.
        allowed: True if the request allows redelegation at all.
        parent: The trust that is redelegated, if any.
        remaining_uses: How often the new trust may be used; None for any number.

    Raises:
        Forbidden: The number is too large, or another one than that of the parent less one.
        Invalid: The trust would be limited in its uses and redelegated.
    """
    if not allowed or asked == 0:
        return 0
    if asked is not None and asked > MAX_REDELEGATION:
        raise Forbidden(f"Requested redelegation depth of {asked} is greater than allowed {MAX_REDELEGATION}")
    if remaining_uses is not None:
        raise Invalid("remaining_uses must not be set if redelegation is allowed")
    if parent is None:
        return MAX_REDELEGATION if asked is None else asked
    if asked is not None and asked != parent.redelegation_count - 1:
        raise Forbidden(
            'Modifying "redelegation_count" upon redelegation is forbidden. Omitting this parameter is advised.'
        )
    return parent.redelegation_count - 1


def check_redelegation(parent: Trust, child: Trust) -> None:
    """Check that a trust gives no more than one above it in its chain.

    Raises:
        Forbidden: It gives more, or the one above may not be redelegated.
    """
    if not 0 < parent.redelegation_count <= MAX_REDELEGATION:
        raise Forbidden(
            f"Remaining redelegation depth of {parent.redelegation_count} out of allowed range of "
            f"[0..{MAX_REDELEGATION}]"
        )
    if child.remaining_uses is not None:
        raise Forbidden(
            f'Field "remaining_uses" is set to {child.remaining_uses} while it must not be set in order to redelegate '
            "a trust"
        )
    if parent.expires_at is not None and (child.expires_at is None or parent.expires_at < child.expires_at):
        raise Forbidden("Requested expiration time is more than redelegated trust can provide")
    if not set(child.role_ids) <= set(parent.role_ids):
        raise Forbidden("Some of requested roles are not in redelegated trust")
    if child.impersonation and not parent.impersonation:
        raise Forbidden(
            "Impersonation is not allowed because redelegated trust does not specify impersonation. "
            f"Redelegated trust id: {parent.id}"
        )
