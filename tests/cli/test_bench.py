"""``signage bench``: each listed benchmark can run, and unknown sizes are refused by name."""

from importlib import import_module

import pytest

from signage.bench import console
from signage.cli import errors
from signage.cli.bench import list_benchmarks
from signage.cli.lazy_group import signage


@pytest.mark.slow
def test_the_console_is_measured_over_a_database_of_any_size():
    rows = console.run(screens=4, campaigns=11, plays=30)
    assert [row["what"].partition(": ")[2] for row in rows][:2] == ["/console/today", "/console/today?search=taxi-0000"]
    assert {row["unit"] for row in rows} == {"ms"} and {row["goal"] for row in rows} == {100.0}


def test_every_listed_benchmark_can_run():
    names = list_benchmarks()
    assert {"poll", "compile", "upload"} <= set(names)
    assert all(callable(import_module(f"signage.bench.{name}").run) for name in names)


def test_an_unknown_size_is_refused_with_the_known_ones(capsys):
    for name, size in (("console", "rooms=3"), ("console", "plays=many"), ("rotation", "slots=1")):
        assert errors.run_command(signage, ["bench", name, "--size", size]) == 2
        error = capsys.readouterr().err
        assert size in error and ("screens=NUMBER" in error or "none" in error)
