"""The tutorial works as typed in a fresh environment, from its first line to its last."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checkouts import copy_checkout
from tests.support.doc_blocks import TUTORIAL
from tests.support.doc_runs import follow


@pytest.mark.realtime(seconds=150)
def test_the_tutorial_works_as_typed(tmp_path: Path) -> None:
    follow(tmp_path, *TUTORIAL, start=copy_checkout(tmp_path / "checkout"))
