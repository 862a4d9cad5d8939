"""Texts before they are kept: a text as a panel would show it, with hints; the list of commercial wording."""

from msgspec import Struct
from msgspec.structs import replace
from werkzeug.datastructures import MultiDict

from signage.faults import Refused, refuse
from signage.model.campaign_file.schema import MOST_TEXT
from signage.model.item import Look
from signage.model.panel import Panel
from signage.pixels.image import png
from signage.pixels.slogan import legibility
from signage.pixels.slogan.slogan import draw, set_text
from signage.services.campaigns import review_findings as reviewing
from signage.web.api.framework.language import told
from signage.web.api.framework.operations import Asked, Resource, Response
from signage.web.console.pages.library.previews import least_ms, look_of

api = Resource("texts")


class PreviewQuery(Struct, frozen=True, kw_only=True):
    """*text* on *panel*; the rest as in a campaign file. What cannot be read is as if it were not said."""

    text: str
    panel: str
    effect: str = ""
    color: str = ""
    background: str = ""
    size_px: str = ""
    px_per_s: str = ""
    fit: str = ""
    duration_s: str = ""


class Preview(Struct, frozen=True, kw_only=True):
    """How a text would be set. *kind* null: it cannot be shown there, *hints* say why."""

    panel: str
    width: int
    height: int
    kind: str | None
    size_px: int | None
    duration_ms: int | None
    hints: tuple[dict[str, str], ...]


class Words(Struct, frozen=True, kw_only=True):
    """The words that reviewers are warned of; none: the list that ships."""

    words: tuple[str, ...]


@api.get("/preview", "clip.view", query=PreviewQuery, answer=Preview)
def preview(asked: Asked) -> Preview:
    """A text as a panel would show it, with what is to be said of its legibility; nothing is kept."""
    text, look, panel, least = _told(asked)
    hints = told(legibility.check(text, look, panel, least)) if text.strip() else ()
    bare = Preview(
        panel=panel.id, width=panel.width, height=panel.height, kind=None, size_px=None, duration_ms=None, hints=hints
    )
    try:
        setting = set_text(text, look, panel, least)
    except Refused:
        return bare
    return replace(bare, kind=setting.kind, size_px=setting.size_px, duration_ms=setting.duration_ms)


@api.get("/preview/picture", "clip.view", query=PreviewQuery, gives="image/png", answer=bytes)
def picture(asked: Asked) -> Response:
    """The same as a picture: the panel, the strip that runs, or the pages one under the other."""
    text, look, panel, least = _told(asked)
    return Response(png.encode(draw(set_text(text, look, panel, least))), content_type="image/png")


@api.get("/wording", "approval.view", answer=Words)
def wording(asked: Asked) -> Words:
    """The list of commercial wording."""
    return Words(words=reviewing.words(asked.office))


@api.add("PUT", "/wording", "wording.set", body=Words, answer=Words)
def set_wording(asked: Asked) -> Words:
    """Put another list in place of it."""
    reviewing.set_words(asked.office, asked.actor, asked.body.words)
    return wording(asked)


def _told(asked: Asked) -> tuple[str, Look, Panel, int]:
    q = asked.query
    panel = asked.office.panels.get(q.panel)
    if panel is None:
        raise refuse("panel-unknown", "panel", panel=q.panel[:64], known=", ".join(sorted(asked.office.panels)))
    said = MultiDict({name: getattr(q, name) for name in PreviewQuery.__struct_fields__})
    return q.text[:MOST_TEXT], look_of(said), panel, least_ms(said)
