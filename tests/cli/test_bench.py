"""The benchmarks: sizes are arguments, what is no size is refused by name."""

from signage.bench import console
from signage.cli import errors as ending
from signage.cli.lazy_group import signage


def test_the_console_is_measured_over_a_database_of_any_size():
    rows = console.run(screens=4, campaigns=11, plays=30)
    assert [row["what"].partition(": ")[2] for row in rows][:2] == ["/console/today", "/console/today?search=taxi-0000"]
    assert {row["unit"] for row in rows} == {"ms"} and {row["goal"] for row in rows} == {100.0}


def test_what_is_no_size_is_refused_with_those_there_are(capsys):
    for name, size in (("console", "rooms=3"), ("console", "plays=many"), ("rotation", "slots=1")):
        assert ending.run_command(signage, ["bench", name, "--size", size]) == 2
        told = capsys.readouterr().err
        assert size in told and ("screens=NUMBER" in told or "none" in told)
