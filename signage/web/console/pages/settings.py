"""The settings, read-only; they are changed in ``config.toml``."""

from itertools import groupby

from flask import Response

from signage.web.console.framework.toolkit import PageGroup, render_template
from signage.web.request_context import get_dependencies

pages = PageGroup("settings")


@pages.get("/settings", "settings.view")
def show() -> Response:
    """Show every setting with its value."""
    settings = get_dependencies().settings
    tables = [(name, list(rows)) for name, rows in groupby(settings, key=lambda s: s.table)]
    return render_template("settings.html", tables=tables, panels=list(get_dependencies().context.panels.values()))  # type: ignore[union-attr]
