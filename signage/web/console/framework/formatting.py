"""Formats screen conditions, times and durations for pages."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Response

from signage import messages
from signage.services.screen_health import ScreenCondition
from signage.web.console.framework import rendering
from signage.web.console.framework.i18n import get_language
from signage.web.request_context import get_app_context


def format_reason(condition: ScreenCondition) -> str:
    """Render the reason of a screen's condition."""
    facts = _localize_facts(condition.facts)
    return messages.render_message(f"condition-{condition.reason}", get_language(), facts, "console")


def _localize_facts(facts: Mapping[str, object]) -> dict[str, object]:
    zone = ZoneInfo(get_app_context().timezone)
    return {k: f"{v.astimezone(zone):%Y-%m-%d %H:%M}" if isinstance(v, datetime) else v for k, v in facts.items()}


def format_local_input(at: datetime | None) -> str:
    """Format an instant or a local time as the value of a ``datetime-local`` field."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(get_app_context().timezone)).replace(tzinfo=None) if at.tzinfo else at
    return local.isoformat(timespec="seconds" if local.second else "minutes")


def format_hours(delta: timedelta) -> str:
    """Format a duration in hours."""
    return f"{delta / timedelta(hours=1):,.1f}"


def render_page(template: str, status: int = 200, **values: object) -> Response:
    """Render a page whose template uses ``reason`` and ``local_input``."""
    return rendering.render_template(template, status, reason=format_reason, local_input=format_local_input, **values)
