"""The door by which the console comes into the web application."""

from flask import Flask, Response

from signage.faults import Fault
from signage.web.console.framework import static_files
from signage.web.console.framework.errors import render_error
from signage.web.console.framework.guard import guard_page
from signage.web.console.framework.registry import PREFIX, PUBLIC, ConsolePage
from signage.web.console.framework.rendering import EXTENSION_KEY
from signage.web.console.routes import PAGES
from signage.web.dependencies import WebDependencies


def register(app: Flask, services: WebDependencies) -> None:
    """Put all pages into *app*."""
    pages = [page for subject in PAGES for page in subject.pages]
    app.extensions[EXTENSION_KEY] = {page.endpoint: page for page in pages}
    for page in pages:
        app.add_url_rule(page.path, f"console.{page.endpoint}", guard_page(page), methods=[page.method])
    app.add_url_rule(f"{PREFIX}/static/<path:name>", "console.static", static_files.serve_file)
    lost = guard_page(ConsolePage("lost.show", "GET", f"{PREFIX}/<path:rest>", PUBLIC, _show_not_found))
    app.add_url_rule(f"{PREFIX}/<path:rest>", "console.lost", lost, methods=["GET"])
    app.add_url_rule(PREFIX, "console.home", lambda: Response(status=308, headers={"Location": PREFIX + "/"}))
    app.add_url_rule("/", "console.root", lambda: Response(status=302, headers={"Location": PREFIX + "/"}))


def _show_not_found(rest: str) -> Response:
    return render_error(404, [Fault("error", "web-unknown-address")])
