"""Previews: a text as each panel would show it, with what is to be said of its legibility. Nothing is kept."""

from typing import Any

import msgspec
from flask import Response, request
from werkzeug.datastructures import MultiDict

from signage.faults import Refused
from signage.library.slogan_media import motion
from signage.model.campaign_file.schema import LOOK, MOST_TEXT
from signage.model.item import Look
from signage.model.panel import Panel
from signage.model.toml.field_types import UnfitError
from signage.pixels.image import png
from signage.pixels.slogan import legibility
from signage.pixels.slogan.slogan import draw, set_text
from signage.web.console.framework.forms import mend, what
from signage.web.console.framework.toolkit import Pages, here, url

pages = Pages("preview")
_MOST_PANELS = 12
_DEFAULT_MS = 8000
_WHOLE = ("size_px", "px_per_s")


@pages.get("/preview.json", "clip.view")
def told() -> Response:
    """The text on each panel that is asked for: its medium, and hints."""
    query = request.args
    text = query.get("text", "")[:MOST_TEXT]
    panels = here().office.panels
    names = [name for name in query.getlist("panel") if name in panels][:_MOST_PANELS]
    found = [on_panel(text, look_of(query), panels[name], least_ms(query)) for name in names]
    response = Response(msgspec.json.encode({"panels": found}), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/preview.png", "clip.view")
def picture() -> Response:
    """The picture: the panel, the strip that runs, or the pages one under the other."""
    query = request.args
    panel = here().office.panels.get(query.get("panel", ""))
    if panel is None:
        return Response(status=404)
    try:
        setting = set_text(query.get("text", "")[:MOST_TEXT], look_of(query), panel, least_ms(query))
    except Refused:
        return Response(status=404)
    response = Response(png.encode(draw(setting)), content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def on_panel(text: str, look: Look, panel: Panel, least: int) -> dict[str, Any]:
    """What a miniature needs, and the hints, in the reader's language."""
    faults = legibility.check(text, look, panel, least) if text.strip() else ()
    told_: dict[str, Any] = {
        "panel": panel.id,
        "width": panel.width,
        "height": panel.height,
        "hints": [{"what": what(f), "mend": mend(f), "level": f.level} for f in faults],
    }
    try:
        setting = set_text(text, look, panel, least)
    except Refused:
        return told_
    moves = motion(setting)
    told_["size_px"] = setting.size_px
    told_["kind"] = setting.kind
    told_["item"] = {
        "label": text,
        "duration": setting.duration_ms,
        "of": "slogan",
        "href": address(text, look, panel, least),
        "type": "image/png",
        "width": setting.width,
        "height": setting.height,
        "motion": msgspec.to_builtins(moves) if moves else None,
    }
    return told_


def address(text: str, look: Look, panel: Panel, least: int) -> str:
    """Where the picture of such a text is."""
    plain = Look()
    said = {name: value for name in LOOK if (value := getattr(look, name)) != getattr(plain, name)}
    return url("preview.picture", text=text, panel=panel.id, duration_s=f"{least / 1000:g}", **said)


def look_of(query: MultiDict[str, str]) -> Look:
    """The look that an address or a form says; what cannot be read is as if it were not said."""
    said: dict[str, Any] = {}
    for name, kind in LOOK.items():
        value: Any = query.get(name, "").strip()
        if not value:
            continue
        try:
            said[name] = kind(int(value) if name in _WHOLE else value)
        except (UnfitError, ValueError):
            continue
    return Look(**said)


def least_ms(query: MultiDict[str, str]) -> int:
    """How long the text shows at least."""
    try:
        return min(3_600_000, max(1000, round(float(query.get("duration_s", "") or 8) * 1000)))
    except (ValueError, OverflowError):
        return _DEFAULT_MS
