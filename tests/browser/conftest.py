"""Pages in headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Chromium otherwise looks for its maker's hosts when it starts; these tests have no network but this machine's own.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return Debian's headless Chromium, or the one that is found as ``chromium`` elsewhere.

    Raises:
        RuntimeError: There is no Chromium on this machine.
    """
    # Not at the top: the fast tests are collected without the extra "browser".
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    if executable is None:
        raise RuntimeError("no program 'chromium' on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Return an empty page of 1200 x 1600 pixels, in a profile of its own, that reaches this machine alone.

    The test fails if the page makes a request to another host, logs an error or raises one.
    """
    faults: list[str] = []
    context = chromium.new_context(viewport={"width": 1200, "height": 1600})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if _is_local(request.url) else faults.append(f"request to {request.url}"))
    yield page
    context.close()
    assert not faults


def _is_local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:", "about:", "http://127.0.0.1"))
