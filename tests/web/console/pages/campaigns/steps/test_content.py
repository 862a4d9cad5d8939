"""Items of a campaign as its first step changes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from signage.web.console.pages.campaigns import campaign_form
from signage.web.console.pages.campaigns.steps import content

FILM, PICTURE, ANIMATION = "f" * 64, "a" * 64, "b" * 64
KINDS = {FILM: "film", PICTURE: "picture", ANIMATION: "animation"}


def create_values(*texts):
    values = MultiDict()
    content.add_new_slogans(values, texts)
    return values


def list_texts(values):
    return [row.get("text") or row.get("sha256") for row in campaign_form.list_rows(values, "item")]


def test_a_pasted_list_becomes_a_row_for_each_line():
    values = MultiDict({content.NEW_SLOGANS: "1. 守护安全\n\n2、文明消费"})
    content.add_new_slogans(values)
    assert list_texts(values) == ["守护安全", "文明消费"]
    assert values[content.NEW_SLOGANS] == ""
    assert [row["id"] for row in campaign_form.list_rows(values, "item")] == ["slogan-01", "slogan-02"]


def test_a_ticked_clip_is_an_item_and_one_that_is_not_ticked_any_more_is_none():
    values = create_values("守护安全")
    posted = MultiDict([("clip_shown", FILM), ("clip_shown", PICTURE), ("clip", FILM)])
    content.apply_content(values, posted, KINDS.get)
    content.apply_content(values, posted, KINDS.get)
    assert list_texts(values) == ["守护安全", FILM]
    content.apply_content(values, MultiDict([("clip_shown", FILM), ("clip_shown", PICTURE)]), KINDS.get)
    assert list_texts(values) == ["守护安全"]


@pytest.mark.parametrize("sha256", ["", "x", "../" * 10, "0" * 64])
def test_what_is_no_clip_of_the_library_is_no_item(sha256):
    values = create_values()
    content.add_clip(values, sha256, KINDS.get)
    assert list_texts(values) == []


@pytest.mark.parametrize(("sha256", "typed", "kept"), [
    (FILM, "8", ""), (FILM, "", ""),
    (PICTURE, "", "8"), (PICTURE, "12", "12"), (ANIMATION, "", ""), (ANIMATION, "9", "9"),
])  # fmt: skip
def test_seconds_are_only_where_they_mean_something(sha256, typed, kept):
    values = create_values()
    content.add_clip(values, sha256, KINDS.get)
    values["item[1].duration_s"] = typed
    content.fill_seconds(values, KINDS.get)
    assert values.get("item[1].duration_s", "") == kept


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1), st.data())
def test_a_removed_item_comes_back_to_its_place(texts, data):
    values = create_values(*texts)
    before = values.copy()
    content.remove_item(values, data.draw(st.integers(1, len(texts))))
    assert len(list_texts(values)) == len(texts) - 1
    content.restore_item(values)
    assert {k: v for k, v in values.items() if k != content.REMOVED_ROW} == dict(before)


@given(st.permutations(range(1, 6)))
def test_items_are_dragged_into_any_order(order):
    values = create_values(*"abcde")
    content.apply_content(values, MultiDict({"order": " ".join(map(str, order))}), KINDS.get)
    assert list_texts(values) == ["abcde"[n - 1] for n in order]


@pytest.mark.parametrize("order", ["1", "1 1 2", "3 2 1 4", "x"])
def test_an_order_that_is_none_of_these_items_changes_nothing(order):
    values = create_values("a", "b", "c")
    content.apply_content(values, MultiDict({"order": order}), KINDS.get)
    assert list_texts(values) == ["a", "b", "c"]
