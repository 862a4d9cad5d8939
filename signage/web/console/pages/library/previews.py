"""Previews: a text as each panel would show it, with what is to be said of its legibility. Nothing is kept."""

from typing import Any

import msgspec
from flask import Response, request

from signage.faults import Refused
from signage.library.slogan_media import get_motion
from signage.model.campaign_file.schema import MAX_TEXT_LENGTH, STYLE_FIELDS
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan import legibility
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.web.console.framework.forms import format_hint, format_message
from signage.web.console.framework.toolkit import PageGroup, build_url, get_request_context
from signage.web.request_context import respond_json
from signage.web.slogan_parameters import parse_min_duration_ms, parse_style

pages = PageGroup("preview")
_MAX_PANELS = 12


@pages.get("/preview.json", "clip.view")
def list_previews() -> Response:
    """The text on each panel that is asked for: its medium, and hints."""
    query = request.args
    text = query.get("text", "")[:MAX_TEXT_LENGTH]
    panels = get_request_context().app.panels
    names = [name for name in query.getlist("panel") if name in panels][:_MAX_PANELS]
    found = [build_preview(text, parse_style(query), panels[name], parse_min_duration_ms(query)) for name in names]
    return respond_json({"panels": found})


@pages.get("/preview.png", "clip.view")
def show_picture() -> Response:
    """The picture: the panel, the strip that runs, or the pages one under the other."""
    query = request.args
    panel = get_request_context().app.panels.get(query.get("panel", ""))
    if panel is None:
        return Response(status=404)
    try:
        setting = layout_slogan(
            query.get("text", "")[:MAX_TEXT_LENGTH], parse_style(query), panel, parse_min_duration_ms(query)
        )
    except Refused:
        return Response(status=404)
    response = Response(png.encode_png(render_slogan(setting)), content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def build_preview(text: str, look: Style, panel: Panel, least: int) -> dict[str, Any]:
    """What a miniature needs, and the hints, in the reader's language."""
    faults = legibility.check_legibility(text, look, panel, least) if text.strip() else ()
    told_: dict[str, Any] = {
        "panel": panel.id,
        "width": panel.width,
        "height": panel.height,
        "hints": [{"what": format_message(f), "mend": format_hint(f), "level": f.level} for f in faults],
    }
    try:
        setting = layout_slogan(text, look, panel, least)
    except Refused:
        return told_
    moves = get_motion(setting)
    told_["size_px"] = setting.size_px
    told_["kind"] = setting.kind
    told_["item"] = {
        "label": text,
        "duration": setting.duration_ms,
        "of": "slogan",
        "href": build_picture_url(text, look, panel, least),
        "type": "image/png",
        "width": setting.width,
        "height": setting.height,
        "motion": msgspec.to_builtins(moves) if moves else None,
    }
    return told_


def build_picture_url(text: str, look: Style, panel: Panel, least: int) -> str:
    """Where the picture of such a text is."""
    plain = Style()
    said = {name: value for name in STYLE_FIELDS if (value := getattr(look, name)) != getattr(plain, name)}
    return build_url("preview.show_picture", text=text, panel=panel.id, duration_s=f"{least / 1000:g}", **said)
