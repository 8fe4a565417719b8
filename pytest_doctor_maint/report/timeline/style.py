"""The style sheet of the picture, for a light and for a dark background."""

from __future__ import annotations

#: The properties of each class on a light background, and those that differ on a dark one.
RULES: dict[str, tuple[str, str]] = {
    "ground": ("fill:#ffffff", "fill:#12161d"),
    "ink": ("fill:#1a202c", "fill:#e6eaf0"),
    "dim": ("fill:#5a6675", "fill:#9aa7b6"),
    "title": ("fill:#1a202c;font-weight:bold", "fill:#ffffff"),
    "bad": ("fill:#c01f1f;font-weight:bold", "fill:#ff8a80"),
    "on": ("fill:#1a202c", "fill:#ffffff"),
    "on-down": ("fill:#ffffff;font-weight:bold", ""),
    "flag": ("fill:#2d3748", "fill:#cbd5e0"),
    "grid": ("stroke:#e2e8f0", "stroke:#252d38"),
    "rule": ("stroke:#edf1f5", "stroke:#1e2530"),
    "step": ("stroke:#1a202c;stroke-width:.4", "stroke:#000000"),
    "rough": ("stroke:#c01f1f;stroke-width:2;stroke-dasharray:3 2", "stroke:#ff8a80"),
    "maintenance": ("fill:#8795a5", "fill:#8795a5"),
    "down-scale": ("fill:#c98a1b", "fill:#d99a2b"),
    "prepare-maintenance": ("fill:#8b66d6", "fill:#9f7fe6"),
    "planned-maintenance": ("fill:#2f74c0", "fill:#5a9be6"),
    "maintenance-complete": ("fill:#2f8f60", "fill:#43b07a"),
    "admin-action-done": ("fill:#1a202c", "fill:#e6eaf0"),
    "other": ("fill:#d53f8c", "fill:#ed64a6"),
    "left": ("stroke:#8795a5;stroke-dasharray:2 2", "stroke:#7b8898"),
    "due": ("stroke:#1a202c;stroke-width:1.5", "stroke:#e6eaf0"),
    "density": ("fill:#8795a5", "fill:#6f7d8e"),
    "notice": ("fill:#e2e8f0;stroke:#8795a5;stroke-width:.4", "fill:#2a3340"),
    "session": ("fill:#a9b6c6;stroke:#8795a5;stroke-width:.4", "fill:#4c5a6b"),
    "disabled": ("fill:url(#maint-timeline-disabled);stroke:#a0aec0;stroke-width:.4", "stroke:#3f4b5a"),
    "disabled-ground": ("fill:#f1f4f8", "fill:#1d242e"),
    "disabled-lines": ("stroke:#c5cfda;stroke-width:1;fill:none", "stroke:#364252"),
    "maint": ("fill:#9bcdf2;stroke:#4a7fa8;stroke-width:.4", "fill:#1f5c8c"),
    "down": ("fill:url(#maint-timeline-down);stroke:#8f1313;stroke-width:.4", "stroke:#ff8a80"),
    "down-ground": ("fill:#d93636", "fill:#c62f2f"),
    "down-lines": ("stroke:#9e1b1b;stroke-width:.7;fill:none", "stroke:#7d1515"),
    "inst": ("fill:#dbe3ec;stroke:#94a3b5;stroke-width:.4", "fill:#36424f"),
    "act": ("fill:#fbc756;stroke:#94700f;stroke-width:.4", "fill:#96690a"),
    "stby": ("fill:#fdf0cd;stroke:#94700f;stroke-width:.4", "fill:#4a4026"),
    "act-edge": ("stroke:#6b4a00;stroke-width:2", "stroke:#ffd978"),
    "stby-edge": ("stroke:#6b4a00;stroke-width:2;stroke-dasharray:4 4", "stroke:#ffd978"),
    "up": ("fill:#7bd09b;stroke:#2f8f60;stroke-width:.4", "fill:#226b45"),
    "pill": ("fill:#c01f1f;stroke:#7d0f0f", "fill:#d32f2f;stroke:#ff8a80"),
    "breach": ("stroke:#c01f1f;stroke-width:1.2;stroke-dasharray:3 1", "stroke:#ff8a80"),
    # The edges of strips would cover them.
    "strips rect": ("stroke:none", ""),
    "spot": ("fill:#c01f1f", "fill:#ff8a80"),
}


def style_sheet() -> str:
    """Return the rules, limited to the picture: a page may show several."""
    light = "".join(f".maint-timeline .{name}{{{rule}}}" for name, (rule, _) in RULES.items())
    dark = "".join(f".maint-timeline .{name}{{{rule}}}" for name, (_, rule) in RULES.items() if rule)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"
