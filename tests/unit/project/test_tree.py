"""setup.cfg lists every package that is in the tree, and the wheel has every file of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAME = "pytest_doctor_maint"

# Where each top folder of the checkout is installed.
PLACES = {NAME: NAME, "fixtures": f"{NAME}/fixtures", "scenarios": f"{NAME}/scenarios"}


def installed_files() -> set[str]:
    """Return the path that each file of the package has when it is installed."""
    found = set()
    for folder, place in PLACES.items():
        for path in (ROOT / folder).rglob("*"):
            within = path.relative_to(ROOT / folder)
            is_linked = folder == NAME and within.parts[0] in ("fixtures", "scenarios")
            is_made = any(part == "__pycache__" or part.startswith(".") for part in within.parts)
            if path.is_file() and not is_made and not is_linked:
                found.add(f"{place}/{within.as_posix()}")
    return found


@pytest.fixture(scope="module")
def config() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def test_every_package_is_listed(config: ConfigParser) -> None:
    listed = config["options"]["packages"].split()
    assert listed == sorted(set(listed))
    found = {Path(path).parent.as_posix().replace("/", ".") for path in installed_files() if path.endswith(".py")}
    assert set(listed) == found


def test_every_package_has_an_init() -> None:
    files = installed_files()
    folders = {str(Path(path).parent) for path in files if path.endswith(".py")}
    assert {folder for folder in folders if f"{folder}/__init__.py" not in files} == set()


@pytest.mark.parametrize("folder", ["fixtures", "scenarios"])
def test_the_links_show_what_will_be_installed(folder: str) -> None:
    assert (ROOT / NAME / folder).resolve() == ROOT / folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Return the wheel that pip builds from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in PLACES:
        shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)  # noqa: S603 - our own command
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_has_every_file(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert names == installed_files()
    assert f"{NAME}/py.typed" in names


def test_the_wheel_has_the_entry_points_and_the_licence(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    text = wheel.read(entry_points).decode()
    assert f"[pytest11]\ndoctor_maint = {NAME}.plugin\n" in text
    assert f"doctor-maint = {NAME}.commands.__main__:main\n" in text
    (licence,) = (name for name in wheel.namelist() if name.endswith("LICENSE"))
    assert "Apache License" in wheel.read(licence).decode()
