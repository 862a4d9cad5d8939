"""The library's clips: uploaded, described, looked at, removed."""

from typing import Any, BinaryIO, cast

import msgspec
from flask import Response, request

from signage import messages as sentences
from signage.faults import Fault, Refused
from signage.library.uploads import refusal_of
from signage.services.library import clips as clip_library
from signage.web.console.framework.formatting import render
from signage.web.console.framework.toolkit import Form, Pages, go, here, language
from signage.web.console.pages.library.slogans import said, values

pages = Pages("clips")
ROWS = 24
SMALL_BYTES = 64 << 20


@pages.get("/library/clips", "clip.view")
def list_() -> Response:
    """A page of clips, and the way to bring more in."""
    search, cursor = request.args.get("search", "").strip(), request.args.get("cursor", "")
    found = clip_library.page(here().office, cursor, ROWS + 1, search)
    return render(
        "library/clips.html",
        found=found[:ROWS],
        uses=clip_library.where_used(here().office, [one.kept.sha256 for one in found[:ROWS]]),
        next_cursor=found[ROWS - 1].kept.sha256 if len(found) > ROWS else None,
        shown=bool(cursor),
        search=search,
        most_mb=here().library.config.max_mb,
        form=None,
    )


@pages.post("/library/clips", "clip.add", limit=SMALL_BYTES)
def add() -> Response:
    """Small files, for browsers without scripts."""
    now, form = here(), Form.read()
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        form.fault("form-needed", "file")
    for file in files:
        with form.catching():
            now.library.taking.take_in(cast(BinaryIO, file.stream), file.filename or "?", now.actor, now.actor.unit)
    if form.errors:
        found = clip_library.page(now.office, "", ROWS)
        uses = clip_library.where_used(now.office, [one.kept.sha256 for one in found])
        facts: dict[str, Any] = {"found": found, "uses": uses, "next_cursor": None, "shown": False, "search": ""}
        return render("library/clips.html", form.status, form=form, most_mb=now.library.config.max_mb, **facts)
    return go("clips.list", done="clip-added")


@pages.get("/library/uploads/<upload_id>.json", "clip.add")
def uploaded(upload_id: str) -> Response:
    """What became of an upload, for the page's script."""
    now = here()
    try:
        upload = now.library.uploads.get(upload_id, now.actor)
    except Refused as refused:
        return _json({"fault": _sentence(refused.faults[0])}, 404)
    told: dict[str, Any] = {"offset": upload.offset, "size": upload.size, "sha256": upload.sha256}
    refusal = refusal_of(upload)
    if refusal is not None:
        told["fault"] = _sentence(refusal.faults[0])
    return _json(told)


@pages.get("/library/clips/<sha256>.json", "clip.view")
def progress(sha256: str) -> Response:
    """How far the making of a clip is."""
    clip, _ = clip_library.get(here().office, sha256)
    faults = [_sentence(Fault("error", one["code"], facts=one["facts"])) for one in clip.failed]
    told = {"wanted": clip.wanted, "made": clip.made, "progress": clip.progress, "faults": faults}
    return _json(told | {"thumbnail": clip.kept.thumbnail})


@pages.get("/library/clips/<sha256>", "clip.view")
def show(sha256: str) -> Response:
    """One clip."""
    clip, _ = clip_library.get(here().office, sha256)
    return _page(Form({"based_on": clip.version, **values(clip.details)}), sha256)


@pages.post("/library/clips/<sha256>", "clip.change")
def save(sha256: str) -> Response:
    """Keep what is said of it."""
    form = Form.read()
    with form.catching():
        clip_library.describe(here().office, here().actor, sha256, said(form), form.whole("based_on") or 0)
    return _page(form, sha256) if form.errors else go("clips.show", done="clip-saved", sha256=sha256)


@pages.post("/library/clips/<sha256>/remove", "clip.remove")
def remove(sha256: str) -> Response:
    """Take it out of the library, where nothing uses it."""
    clip_library.remove(here().office, here().actor, sha256)
    return go("clips.list", done="clip-removed")


def _page(form: Form, sha256: str) -> Response:
    now = here()
    clip, history = clip_library.get(now.office, sha256)
    return render(
        "library/clip.html",
        form.status if form.errors else 200,
        form=form,
        clip=clip,
        history=history,
        uses=clip_library.where_used(now.office, [sha256])[sha256],
        media=clip_library.media(now.office, sha256),
        faults=[Fault("error", one["code"], facts={"name": clip.title, **one["facts"]}) for one in clip.failed],
    )


def _sentence(fault: Fault) -> str:
    what, mend = sentences.what(fault, language()), sentences.mend(fault, language())
    return f"{what} {mend}".strip()


def _json(told: dict[str, Any], status: int = 200) -> Response:
    response = Response(msgspec.json.encode(told), status=status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
