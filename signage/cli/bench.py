"""``signage bench``: run benchmarks and print each figure with its ratio to a yardstick measured in the same run."""

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
    """Return the names of the benchmarks: each module of ``signage/bench`` with a function ``run``, no package."""
    return sorted(module.name for module in pkgutil.iter_modules(signage.bench.__path__) if not module.ispkg)


@click.command("bench")
@click.argument("name", required=False)
@click.option("--size", "sizes", multiple=True, metavar="NAME=NUMBER", help="Size of the benchmark, where it has one.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def bench(name: str | None, sizes: tuple[str, ...], as_json: bool) -> None:
    """Run the benchmark NAME, or all of them.

    Each row has a yardstick measured in the same run, because machines differ and are noisy: compare the ratios. The
    memory used is a row too.
    """
    known_names = list_benchmarks()
    if name is not None and name not in known_names:
        raise click.BadParameter(
            f"there is no benchmark {name!r}; there are: {', '.join(known_names)}", param_hint="NAME"
        )
    rows: list[dict[str, Any]] = []
    for benchmark in [name] if name else known_names:
        rows += _run_benchmark(benchmark, sizes)
    if as_json:
        click.echo(json.dumps([{c: row.get(c) for c in _COLUMNS} for row in rows], ensure_ascii=False, indent=1))
    else:
        print_table(_COLUMNS, [[_format_value(row.get(c)) for c in _COLUMNS] for row in rows])


def _run_benchmark(name: str, sizes: tuple[str, ...]) -> list[dict[str, Any]]:
    run = import_module(f"signage.bench.{name}").run
    size_names = inspect.signature(run).parameters
    arguments: dict[str, int] = {}
    for size in sizes:
        key, _, number = size.partition("=")
        if key not in size_names or not (number.isascii() and number.isdigit()):
            names = ", ".join(f"{size_name}=NUMBER" for size_name in size_names) or "none"
            raise click.BadParameter(f"{size!r}; sizes of {name} are: {names}", param_hint="--size")
        arguments[key] = int(number)
    rows: list[dict[str, Any]] = run(**arguments)
    return rows


def _format_value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)
