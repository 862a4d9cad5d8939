"""Campaigns for tests: random valid ones (Hypothesis), and files with one thing changed."""

from datetime import datetime, time, timedelta, timezone

from hypothesis import strategies as st

from signage.model.campaign import Campaign, Placement
from signage.model.daypart import Daypart
from signage.model.item import DEFAULT_STYLE, Item, Style

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kolkata",
    "UTC",
)
KINDS = ("taxi-roof", "street", "strip")
GROUPS = ("buses", "north", "south")
TAGS = ("centre", "depot")
UNITS = ("bureau", "station")
SCREENS = ("taxi-0001", "taxi-0002", "street-01", "strip-01")

ids = st.from_regex(r"[a-z0-9][a-z0-9-]{0,6}", fullmatch=True)
words = st.text(
    st.sampled_from("维护消费者权益构建和谐社会12315 ABc,.!\"'#\\=[]{}，。！“”\n🎬"), min_size=1, max_size=30
).filter(lambda text: bool(text.strip()))
lines = words.map(lambda text: text.replace("\n", " ")).filter(lambda text: bool(text.strip()))
colors = st.sampled_from(["#ff2a00", "#ffffff", "#000000", "#00ff7f"])
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=2",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=MONTHLY;BYMONTHDAY=2,5,8,11,14,17,20,23",
    "FREQ=DAILY;COUNT=5",
)


@st.composite
def local_datetimes(draw: st.DrawFn, first: datetime, last: datetime) -> datetime:
    """A local time between the two, or one with an offset."""
    seconds = draw(st.integers(0, int((last - first).total_seconds()) // 900)) * 900
    when = first + timedelta(seconds=seconds)
    offset = draw(st.sampled_from([None, None, None, 0, 330, 480, -210]))
    return when if offset is None else when.replace(tzinfo=timezone(timedelta(minutes=offset)))


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """How something looks; often nothing said."""
    if draw(st.booleans()):
        return DEFAULT_STYLE
    return Style(
        draw(st.sampled_from(["auto", "still", "scroll", "pages"])),
        draw(st.none() | colors),
        draw(st.none() | colors),
        draw(st.none() | st.integers(16, 200)),
        draw(st.none() | st.integers(10, 300)),
        None,
    )


@st.composite
def items(draw: st.DrawFn, item_id: str, start: datetime, *, slogans_only: bool, whole_seconds: bool) -> Item:
    """A slogan, or a film or picture of the library (``sha256``)."""
    kind = "slogan" if slogans_only else draw(st.sampled_from(["slogan", "slogan", "clip", "file"]))
    least = st.none() | st.sampled_from([1000, 5000, 8000, 10_000, 12_500])
    duration = draw(least.map(lambda ms: ms and ms // 1000 * 1000) if whole_seconds else least)
    begin, end = None, None
    if draw(st.integers(0, 3)) == 0:
        begin = start + timedelta(hours=draw(st.integers(0, 48)))
        end = draw(st.none() | st.just(begin + timedelta(hours=draw(st.integers(1, 60)))))
    return Item(
        id=item_id,
        text=draw(words) if kind == "slogan" else None,
        file="assets/rights.mp4" if kind == "file" else None,
        sha256=draw(st.integers(0, 2**64)).to_bytes(32, "big").hex() if kind == "clip" else None,
        title=draw(st.none() | lines),
        duration_ms=duration if kind == "slogan" else None,
        weight=draw(st.none() | st.integers(1, 5)),
        tags=tuple(draw(st.lists(st.sampled_from(["theme", "short", "long"]), max_size=2, unique=True))),
        from_=begin,
        until=end,
        source=draw(st.none() | lines),
        look=draw(styles()) if kind == "slogan" else DEFAULT_STYLE,
    )


@st.composite
def dayparts(draw: st.DrawFn, daypart_id: str, start: datetime) -> Daypart:
    """A daypart that can hold in the days after *start*."""
    edge = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
    day = st.integers(0, 6).map(lambda n: (start + timedelta(days=n)).date().isoformat())
    span = st.tuples(day, day).map(lambda pair: f"{min(pair)}/{max(pair)}")
    week = st.sampled_from(_WEEK)
    word = week | st.tuples(week, week).map("-".join) | day | span | st.sampled_from(["workday", "holiday"])
    rule = draw(st.none() | st.sampled_from(_RULES)) if draw(st.booleans()) else None
    return Daypart(
        daypart_id,
        () if rule else tuple(draw(st.lists(word, max_size=3))),
        tuple(draw(st.lists(day | week, max_size=1))),
        draw(edge),
        draw(edge),
        rule,
    )


@st.composite
def placements(draw: st.DrawFn, chosen: list[Item], names: list[str]) -> Placement:
    """A placement of some of the items."""
    listed = all(item.weight is None for item in chosen) and draw(st.booleans())
    patterns = [item.id for item in chosen] + ["*"] + [f"tag:{tag}" for item in chosen for tag in item.tags]
    patterns += [item.id[0] + "*" for item in chosen]
    return Placement(
        tuple(draw(st.lists(selectors(), min_size=1, max_size=3))),
        tuple(draw(st.lists(st.sampled_from(patterns), min_size=1, max_size=4))),
        tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True))) if names else (),
        draw(st.integers(1, 5)),
        "listed" if listed else "fair",
        draw(st.none() | st.none() | st.sampled_from([2, 30, 60])),
        draw(st.none() | st.none() | st.sampled_from([5000, 60_000, 90_500])),
    )


@st.composite
def selectors(draw: st.DrawFn) -> str:
    """A word of ``screens``."""
    word = draw(
        st.sampled_from(
            [
                "*",
                *(f"kind:{kind}" for kind in KINDS),
                *(f"group:{group}" for group in GROUPS),
                *(f"tag:{tag}" for tag in TAGS),
                *(f"unit:{unit}" for unit in UNITS),
                *(f"screen:{screen}" for screen in SCREENS),
                "screen:taxi-*",
                "kind:str*",
                "screen:taxi-000?",
            ]
        )
    )
    return f"!{word}" if word != "*" and draw(st.integers(0, 4)) == 0 else word


@st.composite
def campaigns(
    draw: st.DrawFn,
    *,
    campaign_id: str | None = None,
    slogans_only: bool = False,
    whole_seconds: bool = False,
    around: datetime = datetime(2021, 3, 10),  # noqa: DTZ001
) -> Campaign:
    """A valid campaign: some items, dayparts and placements, in a window of some days after *around*."""
    start = around + timedelta(hours=draw(st.integers(0, 23)))
    names = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    made = [draw(items(name, start, slogans_only=slogans_only, whole_seconds=whole_seconds)) for name in names]
    parts = [draw(dayparts(name, start)) for name in draw(st.lists(ids, max_size=3, unique=True))]
    used = [part.id for part in parts]
    return Campaign(
        id=campaign_id or draw(ids),
        title=draw(lines),
        timezone=draw(st.sampled_from(ZONES)),
        from_=start,
        until=draw(local_datetimes(start + timedelta(days=4), start + timedelta(days=12))),
        items=tuple(made),
        placements=tuple(draw(st.lists(placements(made, used), min_size=1, max_size=4))),
        dayparts=tuple(parts),
        theme=draw(st.none() | words),
        unit=draw(st.none() | st.sampled_from(UNITS)),
        priority=draw(st.sampled_from([0, 0, 0, 10, -5])),
        report_due=draw(st.none() | local_datetimes(start + timedelta(days=2), start + timedelta(days=20))),
        look=draw(styles()),
    )
