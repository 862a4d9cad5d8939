"""``signage simulate``: a campaign on paper, over its screens."""

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


@click.command("simulate", help="CAMPAIGN on paper over its screens: its newest version, as if it were approved.")
@click.argument("campaign_id", metavar="CAMPAIGN")
@click.option("--from", "from_text", metavar="TIME", help="From when (default: the campaign's beginning).")
@click.option("--until", "until_text", metavar="TIME", help="Until when (default: the campaign's end).")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV: a row for each screen, day and item.")
@click.option(
    "--picture",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the first week too, screens × hours, what shows: SVG, or PNG by the ending.",
)
@json_option
def simulate(
    campaign_id: str, from_text: str | None, until_text: str | None, as_csv: bool, picture: Path | None, as_json: bool
) -> None:
    from signage.schedule.analysis.simulate import list_campaign_screens
    from signage.schedule.analysis.simulate import simulate as rehearse

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    if picture is not None and picture.suffix.lower() not in (".svg", ".png"):
        raise refuse("picture-ending", "--picture", file=str(picture))
    here = open_schedule_context(simulated_campaign=campaign_id)
    campaign = here.snapshot.find_campaign(campaign_id)
    assert campaign is not None
    begin, end = _parse_period(here, campaign, from_text, until_text)
    screens = list_campaign_screens(here.snapshot, campaign)
    papers = rehearse(here.snapshot, campaign, begin, end, here.get_rotations)
    with _open_progress_bar(papers, len(screens)) as counted:
        told = list(counted)
    volumes = _TrafficEstimator(here, begin, end)
    if as_csv:
        _print_csv(told)
    elif as_json:
        pairs = zip(told, screens, strict=True)
        print_json({"campaign": campaign_id, "screens": [_to_json(p, s, volumes.estimate(p, s)) for p, s in pairs]})
    else:
        _print_forecasts(
            campaign_id, told, [volumes.estimate(paper, screen) for paper, screen in zip(told, screens, strict=True)]
        )
    if picture is not None:
        _draw_week_chart(here, campaign, screens, begin, end, picture)


def _parse_period(
    here: ScheduleContext, campaign: "Campaign", from_text: str | None, until_text: str | None
) -> tuple[datetime, datetime]:
    zone = get_server_zone(here.app_context)
    begin = campaign.starts_at if from_text is None else parse_time(from_text, zone, "--from")
    end = campaign.ends_at if until_text is None else parse_time(until_text, zone, "--until")
    if end <= begin:
        raise refuse("period-empty", "--until", begin=format_time(begin, zone), end=format_time(end, zone))
    return begin, end


def _open_progress_bar(papers: "Iterator[ScreenForecast]", length: int) -> Any:
    """Counts screens on a terminal; quiet in a pipe."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(papers, length=length, label="screens", file=sys.stderr, hidden=hidden)


def _to_json(paper: "ScreenForecast", screen: "Screen", volume: "TrafficEstimate") -> dict[str, Any]:
    zone = ZoneInfo(screen.timezone)
    silent = [
        (format_time(s.from_, zone), format_time(s.until, zone), s.kind, s.instead) for s in paper.off_air_intervals
    ]
    return {
        "screen": paper.screen,
        "items": [_item_to_json(one) | {"cut": one.count.cut} for one in paper.items],
        "days": {
            day.isoformat(): [
                {"item": name, "plays": count.plays, "cut": count.cut, "seconds": count.ms / 1000}
                for name, count in counts.items()
            ]
            for day, counts in paper.by_day.items()
        },
        "silent": [dict(zip(("from", "until", "kind", "instead"), one, strict=True)) for one in silent],
        "notes": [_note_to_json(note) for note in paper.notes],
        "bytes": {"media": volume.media, "polls": volume.polls, "total": volume.total, "unknown": volume.unknown},
    }


def _item_to_json(one: "ItemForecast") -> dict[str, Any]:
    return {
        "item": one.item,
        "plays": one.count.plays,
        "seconds": one.count.ms / 1000,
        "share_asked": round(one.share_asked, 6),
        "share_got": round(one.share_got, 6),
        "starved": one.starved,
    }


def _note_to_json(note: "RotationNote") -> dict[str, str]:
    from signage import messages

    return {
        "code": note.code,
        "what": messages.render_message(f"explain-note-{note.code}", get_language(), dict(note.facts)),
    }


def _print_csv(papers: "Iterable[ScreenForecast]") -> None:
    from signage.model import spreadsheet_csv as csvs

    for piece in csvs.iter_csv_bytes(_CSV_COLUMNS, _iterate_csv_rows(papers)):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _iterate_csv_rows(papers: "Iterable[ScreenForecast]") -> "Iterator[tuple[object, ...]]":
    for paper in papers:
        items = {one.item: one for one in paper.items}
        for day, counts in sorted(paper.by_day.items()):
            for name, count in counts.items():
                one = items[name]
                shares = (round(one.share_asked, 6), round(one.share_got, 6), str(one.starved).lower())
                yield paper.screen, day.isoformat(), name, count.plays, count.cut, count.ms / 1000, *shares


def _print_forecasts(campaign_id: str, papers: "list[ScreenForecast]", volumes: "list[TrafficEstimate]") -> None:
    from signage import messages

    spoken = get_language()
    if not papers:
        click.echo(messages.render_message("simulate-no-screens", spoken, {"campaign": campaign_id}), err=True)
        return
    print_table(_COLUMN_HEADINGS, [_format_cells(paper, one) for paper in papers for one in paper.items])
    click.echo()
    for paper, volume in zip(papers, volumes, strict=True):
        click.echo(f"{paper.screen}: {' '.join(_describe_screen(paper, volume))}")
        for note in paper.notes:
            click.echo(f"  {_note_to_json(note)['what']}")


def _describe_screen(paper: "ScreenForecast", volume: "TrafficEstimate") -> Iterator[str]:
    """When nothing of the campaign shows, and why; and what the screen is expected to fetch."""
    from signage import messages

    silent: dict[tuple[str, str], float] = {}
    for one in paper.off_air_intervals:
        key = (one.kind, "" if one.kind == "not-due" else one.instead)
        silent[key] = silent.get(key, 0.0) + (one.until - one.from_) / timedelta(hours=1)
    for (kind, instead), hours in silent.items():
        yield messages.render_message(f"silent-{kind}", get_language(), {"hours": f"{hours:,.1f}", "instead": instead})
    facts = {"mb": f"{volume.total / 1e6:,.1f}", "media_mb": f"{volume.media / 1e6:,.1f}"}
    yield messages.render_message("volume-expected", get_language(), {**facts})
    if volume.unknown:
        yield messages.render_message("volume-unknown", get_language(), {"items": ", ".join(volume.unknown)})


def _format_cells(paper: "ScreenForecast", one: "ItemForecast") -> tuple[object, ...]:
    asked, got = (f"{100 * share:.2f}" for share in (one.share_asked, one.share_got))
    return (paper.screen, one.item, one.count.plays, f"{one.count.ms / 1000:g}", asked, got, "!" if one.starved else "")


class _TrafficEstimator:
    """What each screen fetches; the sizes of items are asked for once a panel."""

    def __init__(self, here: ScheduleContext, begin: datetime, end: datetime) -> None:
        self._schedule_context, self._begin, self._end = here, begin, end
        self._sizes: dict[str, dict[str, int]] = {}
        self._requested_sizes: set[tuple[str, str]] = set()

    def estimate(self, paper: "ScreenForecast", screen: "Screen") -> "TrafficEstimate":
        from signage.schedule.analysis.traffic_estimate import estimate_traffic

        sizes = self._sizes.setdefault(screen.panel, {})
        for name in paper.shown:
            if (screen.panel, name) not in self._requested_sizes:
                self._requested_sizes.add((screen.panel, name))
                size = self._get_size(name, screen.panel)
                if size is not None:
                    sizes[name] = size
        poll = self._schedule_context.snapshot.settings.poll_seconds
        return estimate_traffic(paper.shown, sizes, poll, self._begin, self._end)

    def _get_size(self, name: str, panel: str) -> int | None:
        """The bytes of the medium that a player takes; None while it is not made."""
        try:
            media = self._schedule_context.item_resolver.get_item(name, self._schedule_context.get_panel(panel)).media
        except KeyError:
            return None
        return media[0].bytes if media else None


def _draw_week_chart(
    here: ScheduleContext,
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
    found = build_week_grid(here.snapshot, screens, here.get_rotations, begin, until)
    days = f"{begin.astimezone(zone):%Y-%m-%d} – {until.astimezone(zone):%Y-%m-%d}"
    write_chart(
        build_week_chart(
            f"{campaign.id}  {campaign.title}   {days}  {zone.key}", campaign.id, found, zone, begin, until
        ),
        path,
    )
