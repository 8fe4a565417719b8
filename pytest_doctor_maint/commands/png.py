"""Pictures in PNG, made by a converter that is present: rsvg-convert, cairosvg or chromium."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

#: The longest time that a converter may take, in seconds.
TIMEOUT = 120.0
#: Where a PNG has its width and height.
_SIZE = slice(16, 24)

#: A function that writes an SVG, given by its file, into a PNG of this width and height.
Converter = Callable[[Path, Path, int, int], None]


def _rsvg_convert(svg: Path, png: Path, width: int, height: int) -> None:
    _run("rsvg-convert", "--output", str(png), str(svg))


def _cairosvg(svg: Path, png: Path, width: int, height: int) -> None:
    # It is an extra of this distribution, and has no types.
    importlib.import_module("cairosvg").svg2png(url=str(svg), write_to=str(png))


def _chromium(svg: Path, png: Path, width: int, height: int) -> None:
    # Root has no sandbox; the picture is our own, without a script or a link.
    unprotected = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    _run(
        "chromium",
        "--headless",
        "--disable-gpu",
        "--disable-background-networking",
        "--hide-scrollbars",
        "--force-device-scale-factor=1",
        f"--user-data-dir={svg.parent / 'profile'}",
        f"--window-size={width},{height}",
        f"--screenshot={png}",
        *unprotected,
        svg.as_uri(),
    )


#: The converters by the name of the program or of the package, the best first.
CONVERTERS: Mapping[str, Converter] = {"rsvg-convert": _rsvg_convert, "cairosvg": _cairosvg, "chromium": _chromium}


def find_converter() -> str:
    """Return the name of the first converter that is present.

    Raises:
        ValueError: There is none; the message says what can be installed.
    """
    for name in CONVERTERS:
        is_present = importlib.util.find_spec(name) if name == "cairosvg" else shutil.which(name)
        if is_present:
            return name
    raise ValueError(
        "no converter for PNG is present; allowed: --format svg, or one of rsvg-convert (Debian: librsvg2-bin), "
        "cairosvg (pip install 'pytest-doctor-maint[png]') and chromium"
    )


def to_png(picture: str, width: int, height: int) -> bytes:
    """Return an SVG picture as PNG.

    Args:
        picture: The SVG.
        width: Its width, in pixels.
        height: Its height, in pixels.

    Raises:
        ValueError: There is no converter, or the converter fails, or cannot draw a picture of this size.
    """
    name = find_converter()
    with tempfile.TemporaryDirectory(prefix="doctor-maint-") as folder:
        svg, png = Path(folder) / "picture.svg", Path(folder) / "picture.png"
        svg.write_text(picture, encoding="utf-8")
        CONVERTERS[name](svg, png, width, height)
        made = png.read_bytes() if png.exists() else b""
    if made[_SIZE] != width.to_bytes(4) + height.to_bytes(4):
        raise ValueError(
            f"{name} cannot draw a picture of {width} x {height} pixels; allowed: --format svg, or --collapse"
        )
    return made


def _run(*command: str) -> None:
    """Run a converter.

    Raises:
        ValueError: It fails, or takes longer than :data:`TIMEOUT`.
    """
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)  # noqa: S603 (the names are our own)
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"{command[0]} takes longer than {TIMEOUT:g} s; allowed: --format svg") from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise ValueError(f"{command[0]} fails with exit code {error.returncode}: {said[-1] if said else ''}") from error
