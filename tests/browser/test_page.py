"""The fixture that other tests of pages rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.realtime


def test_a_page_is_shown(page: Page) -> None:
    page.set_content("<h1>Maintenance</h1>")
    assert page.inner_text("h1") == "Maintenance"
