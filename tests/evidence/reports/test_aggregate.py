from signage.evidence.archive_files import open_duckdb
from signage.evidence.archive_sealing import seal_due_days
from signage.evidence.reports.aggregate import compute_proven_totals, format_offset_sql
from signage.evidence.reports.report import PlayTotals
from signage.evidence.settings import EvidenceConfig
from tests.evidence.builders import create_body, create_play, parse_instant
from tests.evidence.reports.samples import CAMPAIGN


def test_sealed_and_unsealed_days_have_equal_totals(store, clock, intake, evidence):
    for day in range(4):
        when = clock.now().isoformat()
        intake.submit(
            "taxi-0001",
            create_body(
                *(create_play(day * 10 + n, started_at=when, result=("cut", "completed")[n % 2]) for n in range(1, 6))
            ),
        )
        clock.on(hours=17)
    with store.read() as connection:
        before = compute_proven_totals(connection, evidence, "315-2021", CAMPAIGN.zone)
    clock.on(days=4)
    assert len(seal_due_days(store, clock, evidence.archive, lambda connection: evidence, EvidenceConfig())) == 2
    with store.read() as connection:
        after = compute_proven_totals(connection, evidence, "315-2021", CAMPAIGN.zone)
    assert (after.items, after.days, after.screens, after.verdicts) == (
        before.items,
        before.days,
        before.screens,
        before.verdicts,
    )
    assert sum(before.days.values(), PlayTotals()).proven == 12


def test_local_days_are_exact_over_a_change_of_the_clock():
    from zoneinfo import ZoneInfo

    from signage.protocol.epoch import from_ms, to_ms

    zone = ZoneInfo("Europe/Berlin")
    first, last = to_ms(parse_instant("2021-03-01T00:00:00Z")), to_ms(parse_instant("2021-11-30T00:00:00Z"))
    offset = format_offset_sql(zone, first, last)
    instants = range(first, last, 3_599_000 * 7)
    listed = ", ".join(f"({ms})" for ms in instants)
    with open_duckdb() as duck:
        found = duck.execute(
            f"SELECT (corrected_ms + {offset}) // 86400000 FROM (VALUES {listed}) AS t(corrected_ms)"
        ).fetchall()
    for ms, (day,) in zip(instants, found, strict=True):
        assert from_ms(day * 86_400_000).date() == from_ms(ms).astimezone(zone).date()
