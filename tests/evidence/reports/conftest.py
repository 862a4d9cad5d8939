import pytest

from signage.evidence.archive_files import Archive
from signage.evidence.judged_plays import EvidenceContext
from signage.evidence.reports.build import assemble_report
from signage.store import incidents
from tests.evidence.builders import create_body, create_play, create_playlist, parse_instant
from tests.evidence.reports.samples import CAMPAIGN, PAPERS, SCREENS


@pytest.fixture
def evidence(tmp_path):
    return EvidenceContext(lambda screen, serial: create_playlist(), Archive(tmp_path / "archive"))


@pytest.fixture
def report(store, clock, intake, evidence):
    intake.submit(
        "taxi-0001",
        create_body(
            create_play(1),
            create_play(2, result="cut", duration_ms=3500),
            create_play(3, result="failed", duration_ms=0),
            create_play(5, item="315-2021/gone"),
            create_play(6, item="other/a"),
        ),
    )
    with store.write() as connection:
        values = {"kind": "report", "screen": "taxi-0001", "what": "黑屏", "facts": {}, "raised_by": "zhao"}
        number = incidents.create_incident(
            connection, {**values, "raised_at": parse_instant("2021-03-15T08:20:00+08:00")}
        )
        incidents.create_incident(
            connection, {**values, "screen": "taxi-0099", "raised_at": parse_instant("2021-03-15T08:20:00+08:00")}
        )
        for step, when in (("dispatched", "08:25"), ("answered", "08:50")):
            taken = incidents.IncidentStepRow(step, parse_instant(f"2021-03-15T{when}:00+08:00"), "zhao", "", None)
            incidents.record_step(connection, incidents.get_incident(connection, number), taken, None, None)
    return assemble_report(store, clock, evidence, CAMPAIGN, PAPERS, SCREENS, lambda item: None)
