"""The load test against a small real server: its counts match what happened there."""

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from signage.bench.load_test.chart import render_chart
from signage.bench.load_test.metrics import compute_percentiles
from signage.bench.load_test.runner import LoadTest, LoadTestConfig
from signage.cli.fleet import fleet, read_tokens
from signage.faults import Refused
from tests.support.screen_server import TOKEN, ScreenServer, create_png

RED, GREEN = create_png((255, 0, 0)), create_png((0, 255, 0))


@pytest.fixture
def server():
    with ScreenServer() as running:
        begin = datetime.now(UTC) - timedelta(hours=1)
        running.serve_playlist({"c/red": (RED, 300)}, begin=begin)
        yield running


def run(server: ScreenServer, seconds: float, count: int = 8, **facts) -> LoadTest:
    made = LoadTest(LoadTestConfig(server.url, [("case-roof", TOKEN)] * count, seconds, first_interval_s=1, **facts))
    made.outcome = made.run()
    return made


def test_counted_requests_match_those_of_the_server(server):
    done = run(server, 3).outcome
    polls = [h for _, p, h in server.requests if p.endswith("playlist.json")]
    assert done.polls == done.unchanged + done.documents
    assert abs(done.polls - len(polls)) <= 8
    assert done.documents == 8 and done.unchanged >= 8
    assert done.errors == {} and done.connections == 8
    assert 0 < done.latency_ms.p50 <= done.latency_ms.p99 <= done.latency_ms.max
    assert done.bytes_in > 0 and done.bytes_out > 0 and done.client.cpu_share > 0


def test_plays_are_sent_as_a_player_sends_them(server):
    done = run(server, 3, count=1).outcome
    assert done.plays == len(server.plays) >= 3
    assert not server.conflicts
    assert {p["result"] for p in server.plays.values()} <= {"completed", "cut"}
    assert {p["item"] for p in server.plays.values()} == {"c/red"}


def test_an_edit_is_measured_at_every_screen(server):
    begin = datetime.now(UTC) - timedelta(hours=1)
    done = run(
        server, 4.5, scenario="edit", action=lambda: server.serve_playlist({"c/g": (GREEN, 300)}, begin=begin, serial=2)
    ).outcome
    assert done.behind == 0 and done.staleness_s.count == 8
    assert 0 < done.staleness_s.max < 3


def test_a_mass_return_opens_all_connections_anew(server):
    done = run(server, 4.5, scenario="mass-return", pause_s=1.0).outcome
    assert done.connections == 16 and done.errors == {}


def test_errors_are_counted_by_their_kind(server):
    server.intercept = lambda handler: not handler.send_answer(500)
    done = run(server, 1.5, count=3).outcome
    assert done.errors["status 500"] >= 3 and done.polls == 0
    server.stop()
    done = run(server, 1.5, count=3).outcome
    assert done.errors["connect"] >= 3


def test_the_chart_is_valid_svg(server):
    made = run(server, 1.5)
    root = ET.fromstring(render_chart(made.metrics.samples, made.outcome, 0.5))
    assert root.tag.endswith("svg") and len(root) > 20


def test_percentiles():
    assert compute_percentiles([]).count == 0
    assert (compute_percentiles([1, 2, 3]).p50, compute_percentiles([1, 2, 3]).max) == (2, 3)
    assert compute_percentiles(range(1000)).p99 == 990


@pytest.mark.parametrize(
    "text", ["a,t1\nb,t2\n", "screen,token\na,t1\nb,t2", '[{"screen":"a","token":"t1"},{"screen":"b","token":"t2"}]',
             '{"a":"t1","b":"t2"}'],
)  # fmt: skip
def test_tokens_are_read_from_lines_or_json(tmp_path, text):
    (tmp_path / "t").write_text(text, "utf-8")
    assert read_tokens(tmp_path / "t") == [("a", "t1"), ("b", "t2")]


@pytest.mark.parametrize("text", ["", "a", '{"a":', "[1]", "a,\n"])
def test_a_file_without_tokens_is_refused(tmp_path, text):
    (tmp_path / "t").write_text(text, "utf-8")
    with pytest.raises(Refused):
        read_tokens(tmp_path / "t")


def test_the_command_prints_json_and_draws(tmp_path, server):
    (tmp_path / "t").write_text(f"case-roof,{TOKEN}\n" * 3, "utf-8")
    args = ["--server", server.url, "--tokens", str(tmp_path / "t"), "--seconds", "2", "--interval", "1", "--json"]
    done = CliRunner().invoke(fleet, [*args, "--out", str(tmp_path / "x.svg")])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["screens"] == 3
    assert (tmp_path / "x.svg").stat().st_size > 1000
