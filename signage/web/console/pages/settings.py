"""Settings: what holds, to look at. They are changed in ``config.toml``."""

from itertools import groupby

from flask import Response

from signage.web.console.framework.toolkit import Pages, render
from signage.web.request_context import services

pages = Pages("settings")


@pages.get("/settings", "settings.view")
def show() -> Response:
    """Every setting with its value."""
    shown = services().settings
    tables = [(name, list(rows)) for name, rows in groupby(shown, key=lambda s: s.table)]
    return render("settings.html", tables=tables, panels=list(services().office.panels.values()))  # type: ignore[union-attr]
