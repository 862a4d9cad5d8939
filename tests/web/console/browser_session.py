"""The console in a real browser: an in-memory installation, served on this machine, in both languages and sizes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.support.console import ConsoleUser, InMemoryInstallation
from tests.web.browser import needs_browser, open_chromium
from tests.web.media_server import _QuietRequestHandler

ROOT = Path(__file__).resolve().parents[3]
AXE = ROOT / ".venv" / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
needs_axe = pytest.mark.skipif(not AXE.exists(), reason=f"needs axe-core: {AXE}")
__all__ = ["SIZES", "BrowserSession", "needs_axe", "needs_browser", "open_chromium", "serve_in_browser"]


class BrowserSession:
    """Pages of one person in one language and size; every complaint of the browser is kept."""

    def __init__(
        self, browser: Any, installation: InMemoryInstallation, port: int, size: str = "desktop", language: str = "zh"
    ) -> None:
        self.base = f"http://localhost:{port}"
        self.installation = installation
        self.context = browser.new_context(viewport=SIZES[size], locale="zh-CN" if language == "zh" else "en")
        self.context.add_cookies([{"name": "signage_language", "value": language, "url": self.base}])
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def log_in_as(self, someone: ConsoleUser) -> "BrowserSession":
        """Be that person."""
        cookie = {"name": "signage_session", "value": someone.session_secret, "url": self.base, "httpOnly": True}
        self.context.add_cookies([cookie])
        return self

    def open(self, path: str) -> Any:
        """Open a page."""
        return self.page.goto(self.base + path)

    def list_violations(self) -> list[str]:
        """What axe-core finds wrong with the page."""
        self.page.evaluate(AXE.read_text("utf-8"))
        rules = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
        found = self.page.evaluate(f"axe.run(document, {{runOnly: {rules}, resultTypes: ['violations']}})")
        return [
            f"{v['id']}: {', '.join(str(n['target']) for n in v['nodes'][:4])}: {v['help']}"
            for v in found["violations"]
        ]

    def close(self) -> None:
        self.context.close()


@contextmanager
def serve_in_browser(installation: InMemoryInstallation) -> Iterator[tuple[Any, int]]:
    """A browser and the port at which *installation* is served."""
    server = make_server("localhost", 0, installation.app, threaded=True, request_handler=_QuietRequestHandler)
    server.daemon_threads = True  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with open_chromium() as browser:
            yield browser, server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
