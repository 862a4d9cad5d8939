"""After any sequence of changes the settled folder is loaded completely."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signage.store.campaigns import campaigns
from tests.services.campaigns.test_folder_watch import CAMPAIGN, Desk

NAMES = ("spring", "summer", "autumn")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(NAMES), st.integers(0, 3)),
        st.tuples(st.just("break"), st.sampled_from(NAMES), st.integers(0, 3)),
        st.tuples(st.just("half"), st.sampled_from(NAMES), st.integers(1, 200)),
        st.tuples(st.just("remove"), st.sampled_from(NAMES), st.just(0)),
        st.tuples(st.just("replace"), st.sampled_from(NAMES), st.integers(0, 3)),
        st.tuples(st.just("look"), st.just(""), st.sampled_from([100, 300, 500, 5000])),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
    ),
    max_size=25,
)


def said(name: str, text: int) -> str:
    return CAMPAIGN.replace('"spring"', f'"{name}"').replace("诚信经营", f"第 {text} 句")


def do(desk: Desk, step: str, name: str, number: int) -> None:
    path = desk.root / "playlists" / f"{name}.toml"
    if step == "write":
        path.write_text(said(name, number), "utf-8")
    elif step == "break":
        path.write_text(said(name, number) + "[[[", "utf-8")
    elif step == "half":
        path.write_text(said(name, 1)[:number], "utf-8")
    elif step == "remove":
        path.unlink(missing_ok=True)
    elif step == "replace":
        other = path.with_suffix(".new")
        other.write_text(said(name, number), "utf-8")
        other.replace(path)
    elif step == "restart":
        desk.folder = type(desk.folder)(desk.context)
    else:
        desk.folder.scan()
        desk.clock.move(number / 1000)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_a_settled_folder_is_loaded_completely(steps):
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        good: dict[str, str] = {}
        for step, name, number in steps:
            do(desk, step, name, number)
        for _ in range(3):
            desk.look()
            desk.clock.move(3)
        for name in NAMES:
            path = desk.root / "playlists" / f"{name}.toml"
            text = path.read_text("utf-8") if path.exists() else ""
            if text.endswith('items = ["one"]\n'):
                good[name] = text
        approved = desk.approved()
        for name, text in good.items():
            with desk.context.store.read() as connection:
                kept = campaigns.get_campaign(connection, name)
                current = campaigns.get_version(connection, name, kept.approved_version)
            assert current.text == text
            assert name in approved
        gone = {name for name in NAMES if not (desk.root / "playlists" / f"{name}.toml").exists()}
        assert gone.isdisjoint(approved)
        desk.context.store.close()
