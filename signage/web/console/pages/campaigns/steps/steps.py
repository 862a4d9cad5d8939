"""A campaign in four steps, stored as an autosave after each; saved as a draft or submitted from any of them."""

from dataclasses import replace
from typing import Any

from flask import Response, request

from signage.faults import Refused
from signage.services.campaigns import approval, autosaves
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_queries
from signage.services.library import slogans
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.forms import format_hint, format_message
from signage.web.console.framework.toolkit import (
    Form,
    PageGroup,
    get_request_context,
    redirect_to_page,
)
from signage.web.console.pages.campaigns import campaign_editor, campaign_form
from signage.web.console.pages.campaigns.steps import audience, content, editor_state, plain_words, step_pages, timing
from signage.web.console.pages.campaigns.steps.editor_state import STEPS, EditorState
from signage.web.request_context import respond_json

pages = PageGroup("editing")
MAX_FORM_BYTES = 8 << 20
_BUILDERS = {
    "content": lambda state, form: step_pages.build_content_page(state),
    "where": lambda state, form: step_pages.build_where_page(state),
    "when": lambda state, form: step_pages.build_when_page(state),
    "review": step_pages.build_review_page,
}


@pages.get("/campaigns/-/new", "campaign.save")
def new() -> Response:
    """Show the first step of a new campaign; ``?clip=`` and ``?text=`` name its first items."""
    state = editor_state.create_state()
    for sha256 in request.args.getlist("clip"):
        content.add_clip(state.values, sha256, editor_state.get_clip_kind)
    content.add_new_slogans(state.values, [text for text in request.args.getlist("text") if text.strip()])
    content.fill_seconds(state.values, editor_state.get_clip_kind)
    return _render_step(state)


@pages.post("/campaigns/-/new", "campaign.save", max_bytes=MAX_FORM_BYTES)
def add() -> Response:
    """Take the first step of a new campaign; a form without steps is the full one."""
    if "step" not in request.form:
        return campaign_editor.add()
    return _take_step(editor_state.create_state())


@pages.get("/campaigns/-/unfinished/<int:number>", "campaign.save")
def resume(number: int) -> Response:
    """Show a step of an unfinished campaign."""
    return _render_step(editor_state.load_state(number))


@pages.post("/campaigns/-/unfinished/<int:number>", "campaign.save", max_bytes=MAX_FORM_BYTES)
def store(number: int) -> Response:
    """Take a step of an unfinished campaign."""
    return _take_step(editor_state.load_state(number))


@pages.post("/campaigns/-/unfinished/<int:number>/discard", "campaign.save")
def discard(number: int) -> Response:
    """Discard an unfinished campaign; one that changes a saved campaign leads back to that."""
    state = editor_state.load_state(number)
    autosaves.discard_autosave(get_request_context().app, get_request_context().actor, number)
    if state.campaign_id:
        return redirect_to_page("campaigns.show", done="form-discarded", campaign_id=state.campaign_id)
    return redirect_to_page("campaigns.list", done="form-discarded")


@pages.post("/campaigns/-/unfinished/<int:number>/restore", "campaign.save")
def restore(number: int) -> Response:
    """Restore a discarded campaign."""
    autosaves.restore_autosave(get_request_context().app, get_request_context().actor, number)
    return redirect_to_page("editing.resume", number=number)


@pages.get("/campaigns/<campaign_id>/edit", "campaign.save")
def edit(campaign_id: str) -> Response:
    """Show the first step of a change; an unfinished one goes on."""
    context = get_request_context()
    row = autosaves.find_autosave(context.app, context.actor, campaign_id)
    if row is not None:
        return redirect_to_page("editing.resume", number=row.number, step=request.args.get("step"))
    return _render_step(_create_change(campaign_id))


@pages.post("/campaigns/<campaign_id>/edit", "campaign.save", max_bytes=MAX_FORM_BYTES)
def save(campaign_id: str) -> Response:
    """Take the first step of a change; a form without steps is the full one."""
    if "step" not in request.form:
        return campaign_editor.save(campaign_id)
    return _take_step(_create_change(campaign_id))


def _create_change(campaign_id: str) -> EditorState:
    context = get_request_context()
    overview = approval.get_campaign_overview(context.app, context.actor, campaign_id)
    based_on = overview.version.version
    return EditorState(campaign_form.build_values(overview.campaign), campaign_id=campaign_id, based_on=based_on)


# -- a step ---------------------------------------------------------------------------------------------------------


def _take_step(state: EditorState) -> Response:
    """Apply the posted fields, store them, and do what the pressed button says."""
    form = Form.from_request()
    step, action = (
        _get_step(form.get_text("step")),
        form.get_text("do") or ("stay" if "pick" in form.values else "next"),
    )
    if action.startswith("keep-"):
        state, action = replace(state, based_on=content.parse_number(action.removeprefix("keep-"))), "save"
    sent = _apply_fields(state, form, step, action)
    try:
        stored = editor_state.store_state(sent)
    except Refused as refused:
        if refused.faults[0].code != "form-overtaken":
            raise
        return _render_overtaken(sent, state, step, action, refused)
    if action == "autosave":
        return respond_json({"number": stored.number, "revision": stored.revision})
    if action in ("save", "submit"):
        return _finish(stored, step, action)
    if action == "full":
        return _redirect_to_full_form(stored)
    if action == "next" and (faults := editor_state.list_step_faults(editor_state.examine_state(stored)[2], step)):
        return _render_step(stored, step, faults)
    search = form.get_optional_text("find") if action == "stay" else None
    return redirect_to_page("editing.resume", number=stored.number, step=_get_target(step, action), find=search)


def _redirect_to_full_form(state: EditorState) -> Response:
    if state.campaign_id:
        return redirect_to_page("full_form.edit", campaign_id=state.campaign_id, autosave=state.number)
    return redirect_to_page("full_form.new", autosave=state.number)


def _get_step(text: str) -> str:
    return text if text in STEPS else STEPS[0]


def _get_target(step: str, action: str) -> str:
    place = STEPS.index(step)
    if action in ("next", "back"):
        place += 1 if action == "next" else -1
        return STEPS[max(0, min(place, len(STEPS) - 1))]
    return _get_step(action.removeprefix("go-")) if action.startswith("go-") else step


def _apply_fields(state: EditorState, form: Form, step: str, action: str) -> EditorState:
    """Return the state with the posted fields, and with the rows that *action* adds, moves or removes."""
    posted = form.values
    values = editor_state.merge_posted(state.values, posted)
    if step == "content":
        content.apply_content(values, posted, editor_state.get_clip_kind)
        if action != "autosave":
            content.add_new_slogans(values, form.get_list("pick"))
    elif step == "where":
        audience.apply_audience(values, posted)
    elif step == "when":
        timing.apply_timing(values, posted)
    for sha256 in posted.getlist("add_clip"):
        content.add_clip(values, sha256, editor_state.get_clip_kind)
    _change_rows(values, action)
    content.fill_seconds(values, editor_state.get_clip_kind)
    revision = content.parse_number(form.get_text("revision")) if "revision" in posted else state.revision
    return replace(state, values=values, revision=revision)


def _change_rows(values: campaign_form.FormValues, action: str) -> None:
    verb, _, number = action.rpartition("-")
    if action == "undo":
        content.restore_item(values)
    elif verb == "drop-item":
        content.remove_item(values, content.parse_number(number))
    elif verb in ("up-item", "down-item"):
        campaign_form.move_row(values, "item", content.parse_number(number), -1 if verb == "up-item" else 1)
    elif action.startswith(("slots-", "add-slot", "drop-slot-")):
        timing.change_slots(values, action)


def _finish(state: EditorState, step: str, action: str) -> Response:
    """Save the campaign as a draft, and submit it; one that is not complete stays unfinished."""
    state = editor_state.with_campaign_id(state)
    campaign, text, faults = editor_state.examine_state(state)
    if campaign is None and action == "save":
        return redirect_to_page("campaigns.list", done="form-unfinished")
    context, form = get_request_context(), Form()
    form.faults += [fault for fault in faults if fault.level == "error"]
    if campaign is not None:
        with form.collect_faults():
            version = campaign_drafts.save_draft(context.app, context.actor, campaign, text, state.based_on)
            if action == "submit":
                version_hash = campaign_queries.get_version(context.app, campaign.id, version).version_hash
                campaign_drafts.submit_draft(context.app, context.actor, campaign.id, version, version_hash)
    if form.errors or campaign is None:
        return _render_step(state, "review" if campaign is None else step, form.faults, form.status)
    if state.number is not None:
        autosaves.delete_autosave(context.app, context.actor, state.number)
    done = "campaign-submitted" if action == "submit" else "campaign-saved"
    return redirect_to_page("campaigns.show", done=done, campaign_id=campaign.id)


def _render_overtaken(sent: EditorState, stored: EditorState, step: str, action: str, refused: Refused) -> Response:
    """Tell that another page changed the form meanwhile, with both contents; nothing of either is lost."""
    if action == "autosave":
        fault = refused.faults[0]
        return respond_json({"fault": f"{format_message(fault)} {format_hint(fault)}".strip()}, 409)
    shown = replace(sent, revision=stored.revision)
    differences = step_pages.list_differences(sent, stored)
    return _render_step(shown, step, refused.faults, 409, differences=differences)


def _render_step(
    state: EditorState, step: str = "", faults: Any = (), status: int = 422, differences: Any = ()
) -> Response:
    step = step or _get_step(request.args.get("step", ""))
    form = Form()
    form.values = state.values
    day_fields = {"from": "first_day", "until": "last_day"} if timing.get_day_fields(state.values) else {}
    form.faults = step_pages.rename_faults(faults, day_fields)
    has_errors = bool(form.errors)
    overtaken = next((fault for fault in form.faults if fault.code == "campaign-overtaken"), None)
    if overtaken is not None and state.campaign_id:
        differences = step_pages.list_differences(state, _create_change(state.campaign_id))
    page = _BUILDERS[step](state, form)
    return render_page(
        f"campaigns/steps/{step}.html",
        status if has_errors else 200,
        state=state,
        step=step,
        steps=STEPS,
        form=form,
        step_of=editor_state.get_step_of,
        differences=differences,
        newest=overtaken.facts["newest"] if overtaken is not None else None,
        item_count=campaign_form.count_rows(state.values, "item"),
        every=plain_words.format_interval,
        library=slogans.list_slogans(get_request_context().app, None, 50) if step == "content" else [],
        **page,
    )
