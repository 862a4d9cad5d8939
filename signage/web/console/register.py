"""Registers the console with the web application."""

from flask import Flask, Response

from signage.web.console.framework import static_files
from signage.web.console.framework.errors import render_error
from signage.web.console.framework.guard import PageGuard
from signage.web.console.framework.registry import PREFIX
from signage.web.console.framework.rendering import EXTENSION_KEY
from signage.web.console.routes import PAGES
from signage.web.dependencies import WebDependencies
from signage.web.errors import register_error_renderer


def register(app: Flask, services: WebDependencies) -> None:
    """Add all pages, their static files and their error pages to *app*."""
    pages = [page for subject in PAGES for page in subject.pages]
    app.extensions[EXTENSION_KEY] = {page.endpoint: page for page in pages}
    for page in pages:
        app.add_url_rule(page.path, f"console.{page.endpoint}", PageGuard(page), methods=[page.method])
    app.add_url_rule(f"{PREFIX}/static/<path:name>", "console.static", static_files.serve_file)
    register_error_renderer(app, PREFIX, render_error)
    app.add_url_rule(PREFIX, "console.home", lambda: Response(status=308, headers={"Location": PREFIX + "/"}))
    app.add_url_rule("/", "console.root", lambda: Response(status=302, headers={"Location": PREFIX + "/"}))
