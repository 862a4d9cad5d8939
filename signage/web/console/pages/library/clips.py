"""The library's clips: upload, details, removal."""

from typing import Any, BinaryIO, cast

from flask import Response, request

from signage.faults import Fault, Refused
from signage.library.uploads.service import get_refusal
from signage.services.library import clip_uploads
from signage.services.library import clips as clip_library
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.forms import format_hint, format_message
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.library.slogans import format_details, parse_details
from signage.web.request_context import respond_json

pages = PageGroup("clips")
ROWS_PER_PAGE = 24
MAX_SMALL_UPLOAD_BYTES = 64 << 20


@pages.get("/library/clips", "clip.view")
def list_() -> Response:
    """List clips, with the upload form."""
    search, cursor = request.args.get("search", "").strip(), request.args.get("cursor", "")
    clips = clip_library.list_clips(get_request_context().app, cursor, ROWS_PER_PAGE + 1, search)
    return render_page(
        "library/clips.html",
        found=clips[:ROWS_PER_PAGE],
        uses=clip_library.find_uses(get_request_context().app, [clip.row.sha256 for clip in clips[:ROWS_PER_PAGE]]),
        next_cursor=clips[ROWS_PER_PAGE - 1].row.sha256 if len(clips) > ROWS_PER_PAGE else None,
        shown=bool(cursor),
        search=search,
        most_mb=get_request_context().library.config.max_mb,
        form=None,
    )


@pages.post("/library/clips", "clip.add", max_bytes=MAX_SMALL_UPLOAD_BYTES)
def add() -> Response:
    """Upload small files, for browsers without scripts."""
    context, form = get_request_context(), Form.from_request()
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        form.add_fault("form-needed", "file")
    for file in files:
        with form.collect_faults():
            stream, name = cast(BinaryIO, file.stream), file.filename or "?"
            clip_uploads.add_clip(context.app, context.library, context.actor, stream, name)
    if form.errors:
        clips = clip_library.list_clips(context.app, "", ROWS_PER_PAGE)
        uses = clip_library.find_uses(context.app, [clip.row.sha256 for clip in clips])
        list_values: dict[str, Any] = {"found": clips, "uses": uses, "next_cursor": None, "shown": False, "search": ""}
        return render_page(
            "library/clips.html", form.status, form=form, most_mb=context.library.config.max_mb, **list_values
        )
    return redirect_to_page("clips.list", done="clip-added")


@pages.get("/library/uploads/<upload_id>.json", "clip.add")
def show_upload(upload_id: str) -> Response:
    """Return the state of an upload, for the page's script."""
    context = get_request_context()
    try:
        upload = context.library.uploads.get(upload_id, context.actor)
    except Refused as refused:
        return respond_json({"fault": _format_fault(refused.faults[0])}, 404)
    progress: dict[str, Any] = {"offset": upload.offset, "size": upload.size, "sha256": upload.sha256}
    refusal = get_refusal(upload)
    if refusal is not None:
        progress["fault"] = _format_fault(refusal.faults[0])
    return respond_json(progress)


@pages.get("/library/clips/<sha256>.json", "clip.view")
def show_progress(sha256: str) -> Response:
    """Return the progress of a clip's renditions."""
    clip, _ = clip_library.get_clip(get_request_context().app, sha256)
    faults = [_format_fault(Fault("error", failure.code, facts=failure.facts)) for failure in clip.failed_renditions]
    progress = {
        "wanted": clip.total_renditions,
        "made": clip.finished_renditions,
        "progress": clip.progress,
        "faults": faults,
    }
    return respond_json(progress | {"thumbnail": clip.row.thumbnail})


@pages.get("/library/clips/<sha256>", "clip.view")
def show(sha256: str) -> Response:
    """Show a clip."""
    clip, _ = clip_library.get_clip(get_request_context().app, sha256)
    return _render_clip(Form({"based_on": clip.version, **format_details(clip.details)}), sha256)


@pages.post("/library/clips/<sha256>", "clip.change")
def save(sha256: str) -> Response:
    """Save the details of a clip."""
    form = Form.from_request()
    with form.collect_faults():
        clip_library.update_details(
            get_request_context().app,
            get_request_context().actor,
            sha256,
            parse_details(form),
            form.get_int("based_on") or 0,
        )
    return (
        _render_clip(form, sha256) if form.errors else redirect_to_page("clips.show", done="clip-saved", sha256=sha256)
    )


@pages.post("/library/clips/<sha256>/remove", "clip.remove")
def remove(sha256: str) -> Response:
    """Remove a clip that is not used."""
    clip_library.delete_clip(get_request_context().app, get_request_context().actor, sha256)
    return redirect_to_page("clips.list", done="clip-removed")


def _render_clip(form: Form, sha256: str) -> Response:
    context = get_request_context()
    clip, history = clip_library.get_clip(context.app, sha256)
    return render_page(
        "library/clip.html",
        form.status if form.errors else 200,
        form=form,
        clip=clip,
        history=history,
        uses=clip_library.find_uses(context.app, [sha256])[sha256],
        media=clip_library.list_media(context.app, sha256),
        faults=[
            Fault("error", failure.code, facts={"name": clip.title, **failure.facts})
            for failure in clip.failed_renditions
        ],
    )


def _format_fault(fault: Fault) -> str:
    return f"{format_message(fault)} {format_hint(fault)}".strip()
