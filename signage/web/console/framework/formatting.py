"""Words of the office told in the reader's language, for the pages about screens and campaigns."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response

from signage import messages as sentences
from signage.services.screen_health import Condition
from signage.web.console.framework import rendering
from signage.web.console.framework.i18n import language
from signage.web.console.framework.request import the_office


def reason(condition: Condition) -> str:
    """Why a screen is as it is."""
    return sentences.say(f"condition-{condition.reason}", language(), _local(condition.facts))


def _local(facts: Mapping[str, object]) -> dict[str, object]:
    zone = ZoneInfo(the_office().timezone)
    return {k: f"{v.astimezone(zone):%Y-%m-%d %H:%M}" if isinstance(v, datetime) else v for k, v in facts.items()}


def local_input(at: datetime | None) -> str:
    """An instant, or a local time, as the browser's field for dates and times wants it: to the minute where it is."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(the_office().timezone)).replace(tzinfo=None) if at.tzinfo else at
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def hours(delta: timedelta) -> str:
    """A length as hours for people."""
    return f"{delta / timedelta(hours=1):,.1f}"


def render(template: str, status: int = 200, **values: object) -> Response:
    """The page, with these words at hand."""
    return rendering.render(template, status, reason=reason, local_input=local_input, **values)
