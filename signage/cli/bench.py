"""``signage bench``: the benchmarks, each figure as a ratio to a yardstick measured in the same run."""

import inspect
import json
import pkgutil
from importlib import import_module
from typing import Any

import click

import signage.bench
from signage.cli.output import print_table

_COLUMNS = ("bench", "what", "value", "unit", "yardstick", "ratio", "goal", "reached")


def list_benchmarks() -> list[str]:
    """The benchmarks that there are: a file each in ``signage/bench`` with a function ``run``."""
    return sorted(m.name for m in pkgutil.iter_modules(signage.bench.__path__) if not m.name.startswith("_"))


@click.command("bench")
@click.argument("name", required=False)
@click.option("--size", "sizes", multiple=True, metavar="NAME=NUMBER", help="How large, for a benchmark that can be.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def bench(name: str | None, sizes: tuple[str, ...], as_json: bool) -> None:
    """Run the benchmark NAME, or all of them.

    Each row stands beside a yardstick measured in the same run, since machines differ and are noisy: the ratio is
    what counts. Memory is a row too.
    """
    known = list_benchmarks()
    if name is not None and name not in known:
        raise click.BadParameter(f"there is no benchmark {name!r}; there are: {', '.join(known)}", param_hint="NAME")
    rows: list[dict[str, Any]] = []
    for one in [name] if name else known:
        rows += _run_benchmark(one, sizes)
    if as_json:
        click.echo(json.dumps([{c: row.get(c) for c in _COLUMNS} for row in rows], ensure_ascii=False, indent=1))
    else:
        print_table(_COLUMNS, [[_format_value(row.get(c)) for c in _COLUMNS] for row in rows])


def _run_benchmark(name: str, sizes: tuple[str, ...]) -> list[dict[str, Any]]:
    work = import_module(f"signage.bench.{name}").run
    known, wanted = inspect.signature(work).parameters, {}
    for size in sizes:
        key, _, number = size.partition("=")
        if key not in known or not (number.isascii() and number.isdigit()):
            names = ", ".join(f"{one}=NUMBER" for one in known) or "none"
            raise click.BadParameter(f"{size!r}; sizes of {name} are: {names}", param_hint="--size")
        wanted[key] = int(number)
    found: list[dict[str, Any]] = work(**wanted)
    return found


def _format_value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
