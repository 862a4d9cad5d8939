"""Previews of a text on panels, with legibility hints; nothing is stored."""

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
    """Preview the text on each requested panel."""
    parameters = request.args
    text = parameters.get("text", "")[:MAX_TEXT_LENGTH]
    panels = get_request_context().app.panels
    names = [name for name in parameters.getlist("panel") if name in panels][:_MAX_PANELS]
    previews = [
        build_preview(text, parse_style(parameters), panels[name], parse_min_duration_ms(parameters)) for name in names
    ]
    return respond_json({"panels": previews})


@pages.get("/preview.png", "clip.view")
def show_picture() -> Response:
    """Render the preview: the panel, the scrolling strip, or the pages one below the other."""
    parameters = request.args
    panel = get_request_context().app.panels.get(parameters.get("panel", ""))
    if panel is None:
        return Response(status=404)
    try:
        layout = layout_slogan(
            parameters.get("text", "")[:MAX_TEXT_LENGTH],
            parse_style(parameters),
            panel,
            parse_min_duration_ms(parameters),
        )
    except Refused:
        return Response(status=404)
    response = Response(png.encode_png(render_slogan(layout)), content_type="image/png")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def build_preview(text: str, style: Style, panel: Panel, min_duration_ms: int) -> dict[str, Any]:
    """Return the values of a miniature, and the hints in the reader's language."""
    faults = legibility.check_legibility(text, style, panel, min_duration_ms) if text.strip() else ()
    values: dict[str, Any] = {
        "panel": panel.id,
        "width": panel.width,
        "height": panel.height,
        "hints": [{"what": format_message(f), "mend": format_hint(f), "level": f.level} for f in faults],
    }
    try:
        layout = layout_slogan(text, style, panel, min_duration_ms)
    except Refused:
        return values
    motion = get_motion(layout)
    values["size_px"] = layout.size_px
    values["kind"] = layout.kind
    values["item"] = {
        "label": text,
        "duration": layout.duration_ms,
        "of": "slogan",
        "href": build_picture_url(text, style, panel, min_duration_ms),
        "type": "image/png",
        "width": layout.width,
        "height": layout.height,
        "motion": msgspec.to_builtins(motion) if motion else None,
    }
    return values


def build_picture_url(text: str, style: Style, panel: Panel, min_duration_ms: int) -> str:
    """Return the address of the preview picture."""
    default_style = Style()
    style_parameters = {
        name: value for name in STYLE_FIELDS if (value := getattr(style, name)) != getattr(default_style, name)
    }
    return build_url(
        "preview.show_picture", text=text, panel=panel.id, duration_s=f"{min_duration_ms / 1000:g}", **style_parameters
    )
