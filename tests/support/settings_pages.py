"""Render ``config.toml`` and ``docs/settings.md`` from the table of settings.

``python -m tests.support.settings_pages`` writes both files.
"""

from dataclasses import fields
from pathlib import Path

from signage.config_schema import CONFIG_TABLES, KEYED_TABLES, SETTINGS, TABLE_ARRAYS, Setting, get_default
from signage.model.panel import PRESET_KIND_LABELS, PRESET_PANELS, Panel

ROOT = Path(__file__).resolve().parents[2]

_ARRAY_EXAMPLES = {
    "key_period": {"from": "2021-03-14T00:00:00", "until": "2021-03-16T00:00:00", "poll_seconds": "10"},
    "holiday": {"date": "2021-02-07", "workday": "true"},
}
_HEAD = """\
# All settings of signage with their defaults; a missing line means the default. Paths are relative to the folder of
# this file. `signage check` reports its faults.
"""


def format_toml(value: object) -> str:
    """Format a value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | frozenset):
        order = sorted(value, key=("still", "animation", "film").index) if isinstance(value, frozenset) else value
        return "[" + ", ".join(format_toml(v) for v in order) + "]"
    return repr(value)


def render_config_toml() -> str:
    """Render ``config.toml``."""
    parts = [_HEAD]
    for table in CONFIG_TABLES:
        parts.append(f"\n[{table}]\n")
        parts += [f"# {s.help}\n{s.key} = {format_toml(get_default(s))}\n" for s in _list_settings(table)]
    for name in TABLE_ARRAYS:
        parts.append(f"\n# {TABLE_ARRAYS[name]}\n")
        parts += [f"#   {s.key}: {s.help}\n" for s in _list_settings(name)]
        if name in _ARRAY_EXAMPLES:
            parts.append(f"# [[{name}]]\n" + "".join(f"# {k} = {v}\n" for k, v in _ARRAY_EXAMPLES[name].items()))
        else:
            parts += [_render_panel(panel) for panel in PRESET_PANELS]
    for name, meaning in KEYED_TABLES.items():
        parts.append(f"\n# {meaning}\n")
        parts += [f"#   {s.key}: {s.help}\n" for s in _list_settings(name)]
        parts += [f"\n[{name}.{kind}]\nlabel = {format_toml(label)}\n" for kind, label in PRESET_KIND_LABELS.items()]
    return "".join(parts)


def render_settings_page() -> str:
    """Render ``docs/settings.md``."""
    parts = [
        "# Settings\n\nAll settings of `config.toml`, the file in the root folder with every default. Unknown keys are"
        " errors;\n`signage check` reports every fault with its line. Paths are relative to the folder of the file.\n"
        "A test compares this page with the code; `python -m tests.support.settings_pages` writes it.\n"
    ]
    for table in CONFIG_TABLES:
        parts.append(f"\n## [{table}]\n\n| key | default | meaning |\n| --- | --- | --- |\n")
        parts += [f"| `{s.key}` | `{format_toml(get_default(s))}` | {s.help} |\n" for s in _list_settings(table)]
    for name, meaning in TABLE_ARRAYS.items():
        parts.append(f"\n## [[{name}]]\n\n{meaning}\n\n| key | | meaning |\n| --- | --- | --- |\n")
        parts += [f"| `{s.key}` | {'required' if s.required else ''} | {s.help} |\n" for s in _list_settings(name)]
    parts.append("\nBuilt-in panels: " + ", ".join(f"`{p.id}`" for p in PRESET_PANELS) + ".\n")
    for name, meaning in KEYED_TABLES.items():
        parts.append(f"\n## [{name}.ID]\n\n{meaning}\n\n| key | | meaning |\n| --- | --- | --- |\n")
        parts += [f"| `{s.key}` | {'required' if s.required else ''} | {s.help} |\n" for s in _list_settings(name)]
    parts.append("\nUsual kinds: " + ", ".join(f"`{k}` {label}" for k, label in PRESET_KIND_LABELS.items()) + ".\n")
    return "".join(parts)


def _list_settings(table: str) -> list[Setting]:
    return [s for s in SETTINGS if s.table == table]


def _render_panel(panel: Panel) -> str:
    lines = [
        f"{field.name} = {format_toml(getattr(panel, field.name))}\n"
        for field in fields(panel)
        if _is_written(panel, field.name)
    ]
    return "\n[[panel]]\n" + "".join(lines)


def _is_written(panel: Panel, name: str) -> bool:
    return name != "led_color" or panel.color == "mono"


if __name__ == "__main__":
    (ROOT / "config.toml").write_text(render_config_toml(), encoding="utf-8")
    (ROOT / "docs" / "settings.md").write_text(render_settings_page(), encoding="utf-8")
