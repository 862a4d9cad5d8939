"""Step ``where``: the ticked kinds, groups, units and screens, converted to the selectors of the placement."""

from signage.model.wildcards import has_wildcard
from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.campaign_form import FormValues

SCREENS = "placement[1].screens"
ALL_SCREENS = "*"
_FIELDS = ("kind", "group", "tag", "unit", "area", "screen")


def parse_audience(values: FormValues) -> tuple[str, ...] | None:
    """Return the selectors as words that the page can tick; None where it cannot show the placements."""
    words = tuple(values.get(SCREENS, "").split())
    is_single = campaign_form.count_rows(values, "placement") == 1 and values.get("placement[1].items") == "*"
    return words if is_single and all(_is_tickable(word) for word in words) else None


def _is_tickable(word: str) -> bool:
    field, _, pattern = word.partition(":")
    return word == ALL_SCREENS or (field in _FIELDS and bool(pattern) and not has_wildcard(pattern))


def apply_audience(values: FormValues, posted: FormValues) -> None:
    """Take the ticked selectors; all screens only where nothing narrower is ticked."""
    if "where_shown" not in posted or parse_audience(values) is None:
        return
    words = [word for word in dict.fromkeys(posted.getlist("where")) if _is_tickable(word) and not word.split()[1:]]
    narrower = [word for word in words if word != ALL_SCREENS]
    values[SCREENS] = " ".join(narrower or words)
