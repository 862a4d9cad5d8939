"""Quick publishing: one page that puts a slogan or a clip on screens from one day to another, and submits it."""

from flask import Response, request

from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns import queries as campaign_queries
from signage.services.library import clips as clip_library
from signage.services.screens import overview as screen_overviews
from signage.web.console.framework.formatting import render_page
from signage.web.console.framework.toolkit import Form, PageGroup, get_request_context, redirect_to_page
from signage.web.console.pages.campaigns.campaign_form import FormValues
from signage.web.console.pages.campaigns.steps import audience, content, editor_state, step_pages, timing
from signage.web.console.pages.campaigns.steps.editor_state import EditorState
from signage.web.console.pages.library.slogans import list_panels_in_use

pages = PageGroup("quick")
_MAX_TITLE = 40
_FIELD_BY_KEY = {"from": "first_day", "until": "last_day", "placement[1].screens": "where", "item": "new_text"}


@pages.get("/campaigns/-/quick", "campaign.submit")
def show() -> Response:
    """Show the page; ``?clip=`` and ``?text=`` name what is to be shown."""
    state, form = editor_state.create_state(), Form()
    form.values["new_text"] = request.args.get("text", "")
    form.values.setlist("clip", request.args.getlist("clip"))
    form.values.setlist("where", list(audience.parse_audience(state.values) or ()))
    first, last = timing.get_day_fields(state.values) or ("", "")
    form.values["first_day"], form.values["last_day"] = first, last
    return _render(form)


@pages.post("/campaigns/-/quick", "campaign.submit")
def publish() -> Response:
    """Save the campaign as a draft and submit it."""
    form = Form.from_request()
    state = _build_state(form)
    campaign, text, faults = editor_state.examine_state(editor_state.with_campaign_id(state))
    form.faults += step_pages.rename_faults(faults, _FIELD_BY_KEY)
    if campaign is None or form.errors:
        return _render(form)
    context = get_request_context()
    with form.collect_faults():
        version = campaign_drafts.save_draft(context.app, context.actor, campaign, text, None)
        version_hash = campaign_queries.get_version(context.app, campaign.id, version).version_hash
        campaign_drafts.submit_draft(context.app, context.actor, campaign.id, version, version_hash)
    if form.errors:
        return _render(form)
    return redirect_to_page("campaigns.show", done="campaign-submitted", campaign_id=campaign.id)


def _build_state(form: Form) -> EditorState:
    state = editor_state.create_state()
    values = state.values
    values[content.NEW_SLOGANS] = form.get_raw_text("new_text")
    content.add_new_slogans(values)
    for sha256 in form.get_list("clip"):
        content.add_clip(values, sha256, editor_state.get_clip_kind)
    content.fill_seconds(values, editor_state.get_clip_kind)
    audience.apply_audience(values, form.values)
    timing.apply_timing(values, form.values)
    values["title"] = form.get_text("title") or _make_title(values)
    return state


def _make_title(values: FormValues) -> str:
    """Return the beginning of the first slogan, or the title of the first clip."""
    sha256 = values.get("item[1].sha256", "")
    title = clip_library.get_clip(get_request_context().app, sha256)[0].title if sha256 else ""
    return (title or values.get("item[1].text", "").split("\n")[0])[:_MAX_TITLE]


def _render(form: Form) -> Response:
    context = get_request_context()
    chosen_clips = form.get_list("clip")
    clips = clip_library.list_clips(context.app, "", step_pages.CLIPS_PER_PAGE)
    shown = {clip.row.sha256 for clip in clips}
    named = [clip for sha256 in chosen_clips if sha256 not in shown and (clip := step_pages.find_clip(sha256))]
    return render_page(
        "campaigns/steps/quick.html",
        form.status if form.errors else 200,
        form=form,
        clips=[*named, *clips],
        chosen_clips=chosen_clips,
        chosen=form.get_list("where"),
        labels=screen_overviews.list_labels(context.app),
        panels=list_panels_in_use(),
    )
