"""Writes ``showing.json``: what documents show at instants, by ``protocol.showing``; for players in other languages.

Run ``python -m tests.vectors.showing`` after a change of the rule; a test holds the file to it.
"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from signage.protocol import playlist as pl
from signage.protocol.playback import PlaylistTimeline

FILE = Path(__file__).with_name("showing.json")
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def _build_item(duration_ms: int) -> pl.PlaylistItem:
    sha256 = f"{duration_ms:064x}"
    still = pl.PlaylistMedia(f"/media/{sha256}.png", "image/png", sha256, 1, 192, 64)
    return pl.PlaylistItem(kind="slogan", text="x", duration_ms=duration_ms, media=(still,))


def _build_document(
    begins: datetime, lengths: dict[str, int], loops: dict[str, list[str]], programs: list[tuple[int, str | None, int]]
) -> pl.Playlist:
    """*programs*: (seconds it lasts, loop, phase) one after the other."""
    at, made = begins, []
    for seconds, loop, phase_ms in programs:
        ends = (at.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(begins.tzinfo)
        made.append(pl.Program(at, ends, loop, phase_ms, "x"))
        at = ends
    return pl.Playlist(
        format=pl.PLAYLIST_FORMAT,
        screen="taxi-0001",
        serial=1,
        issued_at=begins,
        expires_at=at,
        timezone=str(begins.tzinfo),
        poll_seconds=30,
        panel=pl.PlaylistPanel("taxi-192x64", 192, 64, "rgb"),
        items={name: _build_item(ms) for name, ms in lengths.items()},
        loops={name: pl.Loop(sum(lengths[i] for i in items), tuple(items)) for name, items in loops.items()},
        programs=tuple(made),
        brightness=(),
        fallback=("c/a", "c/b"),
    )


def build_documents() -> dict[str, pl.Playlist]:
    lengths = {"c/a": 8000, "c/b": 10007, "c/film": 15040, "c/tick": 1}
    loops = {"one": ["c/a"], "two": ["c/a", "c/b", "c/a"], "all": ["c/film", "c/tick", "c/b", "c/a"]}
    midnight = datetime(2021, 3, 15, tzinfo=SHANGHAI)
    return {
        "one item, phase 0": _build_document(midnight, lengths, loops, [(3600, "one", 0)]),
        "cut, phase, dark": _build_document(
            midnight, lengths, loops, [(61, "two", 0), (30, "all", 20001), (45, None, 0), (3600, "two", 26006)]
        ),
        "clocks go forward": _build_document(
            datetime(2021, 3, 14, 1, 30, tzinfo=NEW_YORK), lengths, loops, [(1800, "all", 5), (7200, "two", 0)]
        ),
        "clocks go back": _build_document(
            datetime(2021, 11, 7, 0, 30, tzinfo=NEW_YORK), lengths, loops, [(5400, "all", 33047), (7200, "one", 7999)]
        ),
    }


def list_instants(document: pl.Playlist) -> list[datetime]:
    ms = timedelta(milliseconds=1)
    edges = {document.issued_at.astimezone(UTC), document.expires_at.astimezone(UTC), datetime(1970, 1, 1, tzinfo=UTC)}
    edges |= {p.from_.astimezone(UTC) for p in document.programs}
    found = {edge + k * ms for edge in edges for k in (-8001, -1, 0, 1, 7999, 8000, 8001, 18007, 26006, 26007, 33047)}
    found |= {
        document.issued_at.astimezone(UTC) + timedelta(seconds=s, milliseconds=s * 37 % 1000)
        for s in range(0, 7200, 311)
    }
    return sorted(found)


def build_vectors() -> list[dict[str, object]]:
    told: list[dict[str, object]] = []
    for name, document in build_documents().items():
        shows, cases = PlaylistTimeline(document), []
        for at in list_instants(document):
            for clock_set in (True, False):
                shown = shows.get_now_showing(at, clock_set=clock_set)
                answer = msgspec.to_builtins(shown)
                answer["program"] = None if shown.program is None else document.programs.index(shown.program)
                cases.append({"at": at.isoformat(timespec="milliseconds"), "clock_set": clock_set, "shows": answer})
        told.append({"name": name, "playlist": json.loads(pl.encode_playlist(document)), "cases": cases})
    return told


def render_file() -> str:
    """The file's content: a case a line."""
    lines = ["["]
    for number, vector in enumerate(build_vectors()):
        head = {"name": vector["name"], "playlist": vector["playlist"]}
        cases = ",\n  ".join(json.dumps(case) for case in vector["cases"])  # type: ignore[attr-defined]
        comma = "," if number + 1 < len(build_documents()) else ""
        lines.append(f'{json.dumps(head)[:-1]}, "cases": [\n  {cases}\n]}}{comma}')
    return "\n".join([*lines, "]", ""])


if __name__ == "__main__":
    FILE.write_text(render_file(), "utf-8")
