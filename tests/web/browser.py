"""Debian's Chromium through Playwright; a test that needs it skips where it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--autoplay-policy=no-user-gesture-required", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP signage.test 127.0.0.1",
]  # fmt: skip
needs_browser = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs a browser: {CHROMIUM}")


@contextmanager
def open_chromium() -> Iterator[object]:
    """A running browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
