"""``signage simulate``: a campaign on paper, over its screens."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from signage.cli.context import server_zone
from signage.cli.errors import language
from signage.cli.ground import Ground, ground
from signage.cli.output import json_option, print_json, print_table
from signage.cli.times import parse_time, show_time
from signage.faults import refuse

if TYPE_CHECKING:
    from signage.model.campaign import Campaign
    from signage.model.screen import Screen
    from signage.schedule.analysis.simulate import ItemPaper, ScreenPaper
    from signage.schedule.analysis.traffic_estimate import Volume
    from signage.schedule.live_content import Note

_HEADS = ("screen", "item", "plays", "seconds", "asked %", "got %", "starved")
_CSV_HEADS = ("screen", "date", "item", "plays", "cut", "seconds", "share_asked", "share_got", "starved")
_WEEK = timedelta(days=7)


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
    from signage.schedule.analysis.simulate import its_screens
    from signage.schedule.analysis.simulate import simulate as rehearse

    if as_csv and as_json:
        raise click.UsageError("--csv or --json, not both")
    if picture is not None and picture.suffix.lower() not in (".svg", ".png"):
        raise refuse("picture-ending", "--picture", file=str(picture))
    here = ground(rehearse=campaign_id)
    campaign = here.installation.campaign(campaign_id)
    assert campaign is not None
    begin, end = _period(here, campaign, from_text, until_text)
    screens = its_screens(here.installation, campaign)
    papers = rehearse(here.installation, campaign, begin, end, here.loops)
    with _progress(papers, len(screens)) as counted:
        told = list(counted)
    volumes = _Volumes(here, begin, end)
    if as_csv:
        _print_csv(told)
    elif as_json:
        pairs = zip(told, screens, strict=True)
        print_json({"campaign": campaign_id, "screens": [_as_json(p, s, volumes.of(p, s)) for p, s in pairs]})
    else:
        _print(campaign_id, told, [volumes.of(paper, screen) for paper, screen in zip(told, screens, strict=True)])
    if picture is not None:
        _draw(here, campaign, screens, begin, end, picture)


def _period(
    here: Ground, campaign: "Campaign", from_text: str | None, until_text: str | None
) -> tuple[datetime, datetime]:
    zone = server_zone(here.office)
    begin = campaign.starts_at if from_text is None else parse_time(from_text, zone, "--from")
    end = campaign.ends_at if until_text is None else parse_time(until_text, zone, "--until")
    if end <= begin:
        raise refuse("period-empty", "--until", begin=show_time(begin, zone), end=show_time(end, zone))
    return begin, end


def _progress(papers: "Iterator[ScreenPaper]", length: int) -> Any:
    """Counts screens on a terminal; quiet in a pipe."""
    hidden = not sys.stderr.isatty()
    return click.progressbar(papers, length=length, label="screens", file=sys.stderr, hidden=hidden)


def _as_json(paper: "ScreenPaper", screen: "Screen", volume: "Volume") -> dict[str, Any]:
    zone = ZoneInfo(screen.timezone)
    silent = [(show_time(s.from_, zone), show_time(s.until, zone), s.kind, s.instead) for s in paper.silences]
    return {
        "screen": paper.screen,
        "items": [_item(one) | {"cut": one.count.cut} for one in paper.items],
        "days": {
            day.isoformat(): [
                {"item": name, "plays": count.plays, "cut": count.cut, "seconds": count.ms / 1000}
                for name, count in counts.items()
            ]
            for day, counts in paper.by_day.items()
        },
        "silent": [dict(zip(("from", "until", "kind", "instead"), one, strict=True)) for one in silent],
        "notes": [_note(note) for note in paper.notes],
        "bytes": {"media": volume.media, "polls": volume.polls, "total": volume.total, "unknown": volume.unknown},
    }


def _item(one: "ItemPaper") -> dict[str, Any]:
    return {
        "item": one.item,
        "plays": one.count.plays,
        "seconds": one.count.ms / 1000,
        "share_asked": round(one.share_asked, 6),
        "share_got": round(one.share_got, 6),
        "starved": one.starved,
    }


def _note(note: "Note") -> dict[str, str]:
    from signage import messages as sentences

    return {"code": note.code, "what": sentences.say(f"explain-note-{note.code}", language(), dict(note.facts))}


def _print_csv(papers: "Iterable[ScreenPaper]") -> None:
    from signage.model import spreadsheet_csv as csvs

    for piece in csvs.encoded(_CSV_HEADS, _csv_rows(papers)):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


def _csv_rows(papers: "Iterable[ScreenPaper]") -> "Iterator[tuple[object, ...]]":
    for paper in papers:
        items = {one.item: one for one in paper.items}
        for day, counts in sorted(paper.by_day.items()):
            for name, count in counts.items():
                one = items[name]
                shares = (round(one.share_asked, 6), round(one.share_got, 6), str(one.starved).lower())
                yield paper.screen, day.isoformat(), name, count.plays, count.cut, count.ms / 1000, *shares


def _print(campaign_id: str, papers: "list[ScreenPaper]", volumes: "list[Volume]") -> None:
    from signage import messages as sentences

    spoken = language()
    if not papers:
        click.echo(sentences.say("simulate-no-screens", spoken, {"campaign": campaign_id}), err=True)
        return
    print_table(_HEADS, [_cells(paper, one) for paper in papers for one in paper.items])
    click.echo()
    for paper, volume in zip(papers, volumes, strict=True):
        click.echo(f"{paper.screen}: {' '.join(_sentences(paper, volume))}")
        for note in paper.notes:
            click.echo(f"  {_note(note)['what']}")


def _sentences(paper: "ScreenPaper", volume: "Volume") -> Iterator[str]:
    """When nothing of the campaign shows, and why; and what the screen is expected to fetch."""
    from signage import messages as sentences

    silent: dict[tuple[str, str], float] = {}
    for one in paper.silences:
        key = (one.kind, "" if one.kind == "not-due" else one.instead)
        silent[key] = silent.get(key, 0.0) + (one.until - one.from_) / timedelta(hours=1)
    for (kind, instead), hours in silent.items():
        yield sentences.say(f"silent-{kind}", language(), {"hours": f"{hours:,.1f}", "instead": instead})
    facts = {"mb": f"{volume.total / 1e6:,.1f}", "media_mb": f"{volume.media / 1e6:,.1f}"}
    yield sentences.say("volume-expected", language(), {**facts})
    if volume.unknown:
        yield sentences.say("volume-unknown", language(), {"items": ", ".join(volume.unknown)})


def _cells(paper: "ScreenPaper", one: "ItemPaper") -> tuple[object, ...]:
    asked, got = (f"{100 * share:.2f}" for share in (one.share_asked, one.share_got))
    return (paper.screen, one.item, one.count.plays, f"{one.count.ms / 1000:g}", asked, got, "!" if one.starved else "")


class _Volumes:
    """What each screen fetches; the sizes of items are asked for once a panel."""

    def __init__(self, here: Ground, begin: datetime, end: datetime) -> None:
        self._here, self._begin, self._end = here, begin, end
        self._sizes: dict[str, dict[str, int]] = {}
        self._asked: set[tuple[str, str]] = set()

    def of(self, paper: "ScreenPaper", screen: "Screen") -> "Volume":
        from signage.schedule.analysis.traffic_estimate import expected

        sizes = self._sizes.setdefault(screen.panel, {})
        for name in paper.shown:
            if (screen.panel, name) not in self._asked:
                self._asked.add((screen.panel, name))
                size = self._size(name, screen.panel)
                if size is not None:
                    sizes[name] = size
        poll = self._here.installation.settings.poll_seconds
        return expected(paper.shown, sizes, poll, self._begin, self._end)

    def _size(self, name: str, panel: str) -> int | None:
        """The bytes of the medium that a player takes; None while it is not made."""
        try:
            media = self._here.contents.item(name, self._here.panel(panel)).media
        except KeyError:
            return None
        return media[0].bytes if media else None


def _draw(
    here: Ground, campaign: "Campaign", screens: "tuple[Screen, ...]", begin: datetime, end: datetime, path: Path
) -> None:
    from signage.cli.week_chart import picture, write
    from signage.schedule.analysis.week_grid import rows

    until = min(end, begin + _WEEK)
    zone = campaign.zone
    found = rows(here.installation, screens, here.loops, begin, until)
    days = f"{begin.astimezone(zone):%Y-%m-%d} – {until.astimezone(zone):%Y-%m-%d}"
    write(
        picture(f"{campaign.id}  {campaign.title}   {days}  {zone.key}", campaign.id, found, zone, begin, until), path
    )
