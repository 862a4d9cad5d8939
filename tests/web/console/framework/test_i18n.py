"""Every text of a page has its Chinese, with the same blanks; no catalogue has what no page says."""

from signage.web.console.framework.i18n import translate
from tests.support.console_texts import collect_texts, find_placeholders, load_catalogue


def test_every_text_has_its_chinese():
    known = load_catalogue()
    missing = {text: path for text, path in collect_texts().items() if text not in known or not known[text][0]}
    assert missing == {}


def test_no_catalogue_has_a_text_that_no_page_says():
    said = collect_texts()
    assert {text: where for text, (_, where) in load_catalogue().items() if text not in said} == {}


def test_blanks_are_the_same_in_both_languages():
    for text, (chinese, where) in load_catalogue().items():
        assert find_placeholders(chinese) == find_placeholders(text[-1]), (text, where)


def test_a_text_is_told_in_the_language_that_is_asked_for():
    assert translate("Screens", "zh") == "屏"
    assert translate("Screens", "en") == "Screens"
    assert translate("never written", "zh") == "never written"
