"""The state of the form in steps: its fields, the autosave that holds them, the campaign and version they change."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from werkzeug.datastructures import MultiDict

from signage.faults import Fault
from signage.model.campaign import Campaign
from signage.model.clip_facts import ClipKind
from signage.services.campaigns import autosaves, campaign_ids
from signage.services.campaigns import drafts as campaign_drafts
from signage.services.campaigns.autosaves import AutosaveRow
from signage.web.console.framework.toolkit import get_request_context
from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.campaign_form import FormValues
from signage.web.console.pages.campaigns.steps import content, timing

STEPS = ("content", "where", "when", "review")
DEFAULT_DAYS = 7
_STEP_BY_FIELD = {"placement": "where", "priority": "where"} | dict.fromkeys(
    ("from", "until", "timezone", "report_due", "daypart"), "when"
)
_FIELD_NAMES = "|".join(
    {*campaign_form.CAMPAIGN_FIELDS, "id", *(n for row in campaign_form.ROW_FIELDS.values() for n in row)}
)
_FIELD = re.compile(rf"(?:(item|placement|daypart)\[([1-9]\d{{0,3}})\]\.)?({_FIELD_NAMES})")


@dataclass(frozen=True, slots=True)
class EditorState:
    """*number*, *revision*: of the autosave, None and 0 where it is not stored yet.

    *campaign_id*, *based_on*: the campaign and version that are changed; None: a new campaign.
    """

    values: FormValues
    number: int | None = None
    revision: int = 0
    campaign_id: str | None = None
    based_on: int | None = None


def create_state() -> EditorState:
    """Return the state of a new campaign: all screens, a week from today."""
    context = get_request_context()
    today = context.app.clock.now().astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    begin = today.replace(tzinfo=None)
    values = campaign_form.build_new_values(
        context.app.timezone, context.user.unit, begin, begin + timedelta(days=DEFAULT_DAYS)
    )
    campaign_form.set_rows(values, "item", [])
    return EditorState(values)


def load_state(number: int) -> EditorState:
    """Return the state of an autosave. Raises Refused: it is not the user's."""
    context = get_request_context()
    return _build_state(autosaves.get_autosave(context.app, context.actor, number))


def _build_state(row: AutosaveRow) -> EditorState:
    values: FormValues = MultiDict((name, value) for name, entries in row.fields.items() for value in entries)
    return EditorState(values, row.number, row.revision, row.campaign, row.based_on)


def store_state(state: EditorState) -> EditorState:
    """Store the state as an autosave. Raises Refused: the autosave was changed by another page meanwhile."""
    context = get_request_context()
    fields = {name: state.values.getlist(name) for name in state.values}
    if state.number is None:
        row = autosaves.create_autosave(context.app, context.actor, fields, state.campaign_id, state.based_on)
    else:
        row = autosaves.update_autosave(
            context.app, context.actor, state.number, state.revision, fields, state.based_on
        )
    return _build_state(row)


def merge_posted(values: FormValues, posted: FormValues) -> FormValues:
    """Return *values* with the posted fields of the form; rows that are not there are left out."""
    merged = values.copy()
    for name, text in posted.items():
        match = _FIELD.fullmatch(name)
        if match is None:
            continue
        part, number, _ = match.groups()
        if part is None or int(number) <= campaign_form.count_rows(values, part):
            merged[name] = text
    if content.NEW_SLOGANS in posted:
        merged[content.NEW_SLOGANS] = posted[content.NEW_SLOGANS]
    return merged


def get_clip_kind(sha256: str) -> ClipKind | None:
    """Return the kind of a clip of the library."""
    clips = get_request_context().app.clips
    return None if clips is None else clips.get_kind(sha256)


def with_campaign_id(state: EditorState) -> EditorState:
    """Return the state with the id of its campaign; a new one is made from title and first day."""
    if state.campaign_id or state.values.get("id", "").strip():
        return state
    first_day = (timing.get_day_fields(state.values) or (state.values.get("from", "")[:10], ""))[0]
    values = state.values.copy()
    values["id"] = campaign_ids.create_campaign_id(
        get_request_context().app, values.get("title", ""), timing.parse_day(first_day)
    )
    return replace(state, values=values)


def examine_state(state: EditorState) -> tuple[Campaign | None, str, list[Fault]]:
    """Read the state as a campaign: the campaign where it is complete, its file, the faults at the form's fields."""
    state = with_campaign_id(state)
    campaign_id = state.campaign_id or state.values.get("id", "").strip()
    text = campaign_form.format_campaign_file(state.values, campaign_id)
    campaign, text, faults = campaign_drafts.examine_campaign_text(get_request_context().app, text)
    mapped = campaign_form.map_faults_to_fields(faults, state.values)
    if campaign_form.count_rows(state.values, "item") == 0:  # without items no placement has any
        mapped = [fault for fault in mapped if ".items" not in fault.location.key]
    return campaign, text, mapped


def build_provisional_campaign(state: EditorState) -> Campaign | None:
    """Return the campaign as far as it is filled in, for counts and calendars; None where window or hours are wrong."""
    values = state.values.copy()
    values["title"] = values.get("title", "").strip() or "—"
    campaign_form.set_rows(values, "item", [{"id": "any", "text": "—"}])
    for number in range(1, campaign_form.count_rows(values, "placement") + 1):
        values[f"placement[{number}].items"] = "*"
        values[f"placement[{number}].screens"] = values.get(f"placement[{number}].screens") or "!*"
    return examine_state(replace(state, values=values))[0]


def get_step_of(fault: Fault) -> str:
    """Return the step that has the field of *fault*."""
    head, _, field = fault.location.key.partition(".")
    if head.startswith("placement") and field.startswith("dayparts"):
        return "when"
    return _STEP_BY_FIELD.get(head.partition("[")[0], "content")


def list_step_faults(faults: Iterable[Fault], step: str) -> list[Fault]:
    """List the errors whose field is in *step*."""
    return [fault for fault in faults if fault.level == "error" and get_step_of(fault) == step]
