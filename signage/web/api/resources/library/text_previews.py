"""Previews of a text on a panel, with legibility hints; the list of commercial wording."""

from msgspec import Struct
from msgspec.structs import asdict, replace

from signage.faults import Refused, refuse
from signage.model.campaign_file.schema import MAX_TEXT_LENGTH
from signage.model.item import Style
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan import legibility
from signage.pixels.slogan.slogan import layout_slogan, render_slogan
from signage.services.campaigns import commercial_words
from signage.web.api.framework.operations import ApiRequest, ApiResource, Response, format_faults
from signage.web.slogan_parameters import parse_min_duration_ms, parse_style

api = ApiResource("texts")


class TextPreviewQuery(Struct, frozen=True, kw_only=True):
    """*text* on *panel*; other fields as in a campaign file. Unreadable values are ignored."""

    text: str
    panel: str
    effect: str = ""
    color: str = ""
    background: str = ""
    size_px: str = ""
    px_per_s: str = ""
    fit: str = ""
    duration_s: str = ""


class TextPreviewOut(Struct, frozen=True, kw_only=True):
    """The layout of a text on a panel. *kind* null: it cannot be shown there, *hints* say why."""

    panel: str
    width: int
    height: int
    kind: str | None
    size_px: int | None
    duration_ms: int | None
    hints: tuple[dict[str, str], ...]


class WordingListInOut(Struct, frozen=True, kw_only=True):
    """The words that trigger a warning in review; none: the built-in list."""

    words: tuple[str, ...]


@api.get("/preview", "clip.view", query=TextPreviewQuery, answer=TextPreviewOut)
def preview(api_request: ApiRequest) -> TextPreviewOut:
    """Preview a text on a panel, with legibility hints; nothing is stored."""
    text, style, panel, min_duration_ms = _parse_preview_query(api_request)
    hints = format_faults(legibility.check_legibility(text, style, panel, min_duration_ms)) if text.strip() else ()
    unshowable = TextPreviewOut(
        panel=panel.id, width=panel.width, height=panel.height, kind=None, size_px=None, duration_ms=None, hints=hints
    )
    try:
        layout = layout_slogan(text, style, panel, min_duration_ms)
    except Refused:
        return unshowable
    return replace(unshowable, kind=layout.kind, size_px=layout.size_px, duration_ms=layout.duration_ms)


@api.get("/preview/picture", "clip.view", query=TextPreviewQuery, produces="image/png", answer=bytes)
def picture(api_request: ApiRequest) -> Response:
    """Render the preview: the panel, the scrolling strip, or the pages one below the other."""
    text, style, panel, min_duration_ms = _parse_preview_query(api_request)
    return Response(
        png.encode_png(render_slogan(layout_slogan(text, style, panel, min_duration_ms))), content_type="image/png"
    )


@api.get("/wording", "approval.view", answer=WordingListInOut)
def wording(api_request: ApiRequest) -> WordingListInOut:
    """Get the list of commercial wording."""
    return WordingListInOut(words=commercial_words.list_commercial_words(api_request.app))


@api.add("PUT", "/wording", "wording.set", body=WordingListInOut, answer=WordingListInOut)
def set_wording(api_request: ApiRequest) -> WordingListInOut:
    """Replace the list of commercial wording."""
    commercial_words.set_commercial_words(api_request.app, api_request.actor, api_request.body.words)
    return wording(api_request)


def _parse_preview_query(api_request: ApiRequest) -> tuple[str, Style, Panel, int]:
    query = api_request.query
    panel = api_request.app.panels.get(query.panel)
    if panel is None:
        raise refuse("panel-unknown", "panel", panel=query.panel[:64], known=", ".join(sorted(api_request.app.panels)))
    parameters = asdict(query)
    return query.text[:MAX_TEXT_LENGTH], parse_style(parameters), panel, parse_min_duration_ms(parameters)
