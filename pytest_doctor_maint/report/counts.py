"""How many claims were judged, in words."""

from __future__ import annotations


def counts(judged: int, claims: int, not_applicable: int) -> str:
    """Return how many claims were judged and had nothing to judge: ``30 of 38 claims judged, 8 not applicable``.

    Args:
        judged: The number of claims that hold or are violated.
        claims: The number of all claims.
        not_applicable: The number of claims that are not applicable.
    """
    text = f"{judged} of {claims} claims judged"
    return f"{text}, {not_applicable} not applicable" if not_applicable else text
