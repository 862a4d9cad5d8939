"""``signage simulate``: forecast of a campaign on its screens."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from signage.cli.context import ScheduleContext, get_server_zone, open_schedule_context
from signage.cli.errors import get_language
from signage.cli.output import json_option, print_json, print_table
from signage.faults import refuse
from signage.services.time_input import format_time, parse_time

if TYPE_CHECKING:
    from signage.model.campaign import Campaign
    from signage.model.screen import Screen
    from signage.schedule.analysis.simulate import ItemForecast, ScreenForecast
    from signage.schedule.analysis.traffic_estimate import TrafficEstimate
    from signage.schedule.live_content import RotationNote

_COLUMN_HEADINGS = ("screen", "item", "plays", "seconds", "asked %", "got %", "starved")
_CSV_COLUMNS = ("screen", "date", "item", "plays", "cut", "seconds", "share_asked", "share_got", "starved")
_CHART_PERIOD = timedelta(days=7)


@click.command("simulate", help="Forecast CAMPAIGN on its screens: its newest version, as if it were approved.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--from", "from_text", metavar="TIME", help="Start (default: the campaign's start).")
@click.option("--until", "until_text", metavar="TIME", help="End (default: the campaign's end).")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV with a row for each screen, day and item.")
@click.option(
    "--picture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also draw a chart of the first week, screens × hours: SVG, or PNG by the extension.",
)
@json_option
def simulate(
    campaign_id: str, from_text: str | None, until_text: str | None, as_csv: bool, picture: Path | None, as_json: bool
) -> None:
    from signage.schedule.analysis.simulate import list_campaign_screens
    from signage.schedule.analysis.simulate import simulate as simulate_campaign

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    if picture is not None and picture.suffix.lower() not in (".svg", ".png"):
        raise refuse("picture-ending", "--picture", file=str(picture))
    schedule = open_schedule_context(simulated_campaign=campaign_id)
    campaign = schedule.snapshot.find_campaign(campaign_id)
    assert campaign is not None
    begin, end = _parse_period(schedule, campaign, from_text, until_text)
    screens = list_campaign_screens(schedule.snapshot, campaign)
    forecasts = simulate_campaign(schedule.snapshot, campaign, begin, end, schedule.get_rotations)
    with _open_progress_bar(forecasts, len(screens)) as counted:
        screen_forecasts = list(counted)
    estimator = _TrafficEstimator(schedule, begin, end)
    if as_csv:
        _print_csv(screen_forecasts)
    elif as_json:
        pairs = zip(screen_forecasts, screens, strict=True)
        print_json({"campaign": campaign_id, "screens": [_to_json(p, s, estimator.estimate(p, s)) for p, s in pairs]})
    else:
        _print_forecasts(
            campaign_id,
            screen_forecasts,
            [estimator.estimate(forecast, screen) for forecast, screen in zip(screen_forecasts, screens, strict=True)],
        )
    if picture is not None:
        _draw_week_chart(schedule, campaign, screens, begin, end, picture)


def _parse_period(
    schedule: ScheduleContext, campaign: "Campaign", from_text: str | None, until_text: str | None
) -> tuple[datetime, datetime]:
    zone = get_server_zone(schedule.app_context)
    begin = campaign.starts_at if from_text is None else parse_time(from_text, zone, "--from")
    end = campaign.ends_at if until_text is None else parse_time(until_text, zone, "--until")
    if end <= begin:
        raise refuse("period-empty", "--until", begin=format_time(begin, zone), end=format_time(end, zone))
    return begin, end


def _open_progress_bar(forecasts: "Iterator[ScreenForecast]", length: int) -> Any:
    """Count screens on a terminal; no output in a pipe."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(forecasts, length=length, label="screens", file=sys.stderr, hidden=hidden)


def _to_json(forecast: "ScreenForecast", screen: "Screen", estimate: "TrafficEstimate") -> dict[str, Any]:
    zone = ZoneInfo(screen.timezone)
    silent = [
        (format_time(s.from_, zone), format_time(s.until, zone), s.kind, s.instead) for s in forecast.off_air_intervals
    ]
    return {
        "screen": forecast.screen,
        "items": [_item_to_json(entry) | {"cut": entry.count.cut} for entry in forecast.items],
        "days": {
            day.isoformat(): [
                {"item": name, "plays": count.plays, "cut": count.cut, "seconds": count.ms / 1000}
                for name, count in counts.items()
            ]
            for day, counts in forecast.by_day.items()
        },
        "silent": [dict(zip(("from", "until", "kind", "instead"), entry, strict=True)) for entry in silent],
        "notes": [_note_to_json(note) for note in forecast.notes],
        "bytes": {
            "media": estimate.media,
            "polls": estimate.polls,
            "total": estimate.total,
            "unknown": estimate.unknown,
        },
    }


def _item_to_json(entry: "ItemForecast") -> dict[str, Any]:
    return {
        "item": entry.item,
        "plays": entry.count.plays,
        "seconds": entry.count.ms / 1000,
        "share_asked": round(entry.share_asked, 6),
        "share_got": round(entry.share_got, 6),
        "starved": entry.starved,
    }


def _note_to_json(note: "RotationNote") -> dict[str, str]:
    from signage import messages

    return {
        "code": note.code,
        "what": messages.render_message(f"explain-note-{note.code}", get_language(), dict(note.facts)),
    }


def _print_csv(forecasts: "Iterable[ScreenForecast]") -> None:
    from signage.model import spreadsheet_csv as csvs

    for piece in csvs.iter_csv_bytes(_CSV_COLUMNS, _iterate_csv_rows(forecasts)):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _iterate_csv_rows(forecasts: "Iterable[ScreenForecast]") -> "Iterator[tuple[object, ...]]":
    for forecast in forecasts:
        items = {entry.item: entry for entry in forecast.items}
        for day, counts in sorted(forecast.by_day.items()):
            for name, count in counts.items():
                entry = items[name]
                shares = (round(entry.share_asked, 6), round(entry.share_got, 6), str(entry.starved).lower())
                yield forecast.screen, day.isoformat(), name, count.plays, count.cut, count.ms / 1000, *shares


def _print_forecasts(campaign_id: str, forecasts: "list[ScreenForecast]", estimator: "list[TrafficEstimate]") -> None:
    from signage import messages

    language = get_language()
    if not forecasts:
        click.echo(messages.render_message("simulate-no-screens", language, {"campaign": campaign_id}), err=True)
        return
    print_table(
        _COLUMN_HEADINGS, [_format_cells(forecast, entry) for forecast in forecasts for entry in forecast.items]
    )
    click.echo()
    for forecast, estimate in zip(forecasts, estimator, strict=True):
        click.echo(f"{forecast.screen}: {' '.join(_describe_screen(forecast, estimate))}")
        for note in forecast.notes:
            click.echo(f"  {_note_to_json(note)['what']}")


def _describe_screen(forecast: "ScreenForecast", estimate: "TrafficEstimate") -> Iterator[str]:
    """Describe when nothing of the campaign shows and why, and the expected traffic."""
    from signage import messages

    silent: dict[tuple[str, str], float] = {}
    for entry in forecast.off_air_intervals:
        key = (entry.kind, "" if entry.kind in ("not-due", "consent") else entry.instead)
        silent[key] = silent.get(key, 0.0) + (entry.until - entry.from_) / timedelta(hours=1)
    for (kind, instead), hours in silent.items():
        yield messages.render_message(f"silent-{kind}", get_language(), {"hours": f"{hours:,.1f}", "instead": instead})
    facts = {"mb": f"{estimate.total / 1e6:,.1f}", "media_mb": f"{estimate.media / 1e6:,.1f}"}
    yield messages.render_message("volume-expected", get_language(), {**facts})
    if estimate.unknown:
        yield messages.render_message("volume-unknown", get_language(), {"items": ", ".join(estimate.unknown)})


def _format_cells(forecast: "ScreenForecast", entry: "ItemForecast") -> tuple[object, ...]:
    asked, got = (f"{100 * share:.2f}" for share in (entry.share_asked, entry.share_got))
    return (
        forecast.screen,
        entry.item,
        entry.count.plays,
        f"{entry.count.ms / 1000:g}",
        asked,
        got,
        "!" if entry.starved else "",
    )


class _TrafficEstimator:
    """Estimates the traffic of each screen; sizes of items are looked up once per panel."""

    def __init__(self, schedule: ScheduleContext, begin: datetime, end: datetime) -> None:
        self._schedule_context, self._begin, self._end = schedule, begin, end
        self._sizes: dict[str, dict[str, int]] = {}
        self._requested_sizes: set[tuple[str, str]] = set()

    def estimate(self, forecast: "ScreenForecast", screen: "Screen") -> "TrafficEstimate":
        from signage.schedule.analysis.traffic_estimate import estimate_traffic

        sizes = self._sizes.setdefault(screen.panel, {})
        for name in forecast.shown:
            if (screen.panel, name) not in self._requested_sizes:
                self._requested_sizes.add((screen.panel, name))
                size = self._get_size(name, screen.panel)
                if size is not None:
                    sizes[name] = size
        poll = self._schedule_context.snapshot.settings.poll_seconds
        return estimate_traffic(forecast.shown, sizes, poll, self._begin, self._end)

    def _get_size(self, name: str, panel: str) -> int | None:
        """Return the bytes of the medium that a player downloads; None while the rendition does not exist."""
        try:
            media = self._schedule_context.item_resolver.get_item(name, self._schedule_context.get_panel(panel)).media
        except KeyError:
            return None
        return media[0].bytes if media else None


def _draw_week_chart(
    schedule: ScheduleContext,
    campaign: "Campaign",
    screens: "tuple[Screen, ...]",
    begin: datetime,
    end: datetime,
    path: Path,
) -> None:
    from signage.cli.week_chart import build_week_chart, write_chart
    from signage.schedule.analysis.week_grid import build_week_grid

    until = min(end, begin + _CHART_PERIOD)
    zone = campaign.zone
    grid = build_week_grid(schedule.snapshot, screens, schedule.get_rotations, begin, until)
    days = f"{begin.astimezone(zone):%Y-%m-%d} – {until.astimezone(zone):%Y-%m-%d}"
    write_chart(
        build_week_chart(
            f"{campaign.id}  {campaign.title}   {days}  {zone.key}", campaign.id, grid, zone, begin, until
        ),
        path,
    )
