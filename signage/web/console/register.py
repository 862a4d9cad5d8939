"""The door by which the console comes into the web application."""

from flask import Flask, Response

from signage.faults import Fault
from signage.web.console.framework import static_files
from signage.web.console.framework.errors import error_page
from signage.web.console.framework.guard import guarded
from signage.web.console.framework.registry import PREFIX, PUBLIC, Page
from signage.web.console.framework.rendering import EXTENSION
from signage.web.console.routes import PAGES
from signage.web.dependencies import Services


def register(app: Flask, services: Services) -> None:
    """Put all pages into *app*."""
    pages = [page for subject in PAGES for page in subject.table]
    app.extensions[EXTENSION] = {page.endpoint: page for page in pages}
    for page in pages:
        app.add_url_rule(page.path, f"console.{page.endpoint}", guarded(page), methods=[page.method])
    app.add_url_rule(f"{PREFIX}/static/<path:name>", "console.static", static_files.serve)
    lost = guarded(Page("lost.show", "GET", f"{PREFIX}/<path:rest>", PUBLIC, _lost))
    app.add_url_rule(f"{PREFIX}/<path:rest>", "console.lost", lost, methods=["GET"])
    app.add_url_rule(PREFIX, "console.home", lambda: Response(status=308, headers={"Location": PREFIX + "/"}))
    app.add_url_rule("/", "console.root", lambda: Response(status=302, headers={"Location": PREFIX + "/"}))


def _lost(rest: str) -> Response:
    return error_page(404, [Fault("error", "web-unknown-address")])
