"""Whether an answer keeps the characters of its text."""

from __future__ import annotations

from dataclasses import replace

from buqi import complete
from buqi.address import Completion
from buqi.bench.kept_text import bare, comes_back, is_kept
from buqi.divisions import load_matcher, load_table


def test_what_is_lost_or_said_twice_is_seen():
    text = "西安碑林区人民路12号"
    match, path = load_matcher().match(text), load_table().path("610103")

    def kept(detail: str, lead: str = "") -> bool:
        return is_kept(Completion(text, path.full + detail, path, detail, lead=lead), match)

    assert kept("人民路12号")
    assert not kept("人民路2号"), "a character is lost"
    assert not kept("人民路12号号"), "one is said twice"
    assert not kept("人民路12号", "顺丰"), "one comes from nowhere"


def test_separators_are_no_part_of_a_line():
    assert bare("西安市，碑林区 1号") == "西安市碑林区1号"


def test_characters_come_back_in_order():
    path = load_table().path("610103")
    answer = Completion("碑林1号", path.full + "1号", path, "1号")
    assert comes_back("碑林 1号", answer) and not comes_back("1号碑林", answer)


def test_a_county_and_a_town_without_its_kind_are_names_of_the_answer():
    table, text = load_table(), "重庆云阳沙市"
    town = next(code for code, name in table.town_names("500235").items() if name == "沙市镇")
    path, match = table.path(town), load_matcher().match(text)
    assert is_kept(Completion(text, path.full, path), match)
    county = table.path("500235")
    assert not is_kept(Completion(text, county.full, county), match)


def test_names_said_again_behind_a_part_of_the_town_are_kept():
    town = next(code for code, name in load_table().town_names("513337").items() if name == "赤土乡")
    path, text = load_table().path(town), "稻城县赤土 赤"
    assert is_kept(Completion(text, path.full + "赤", path, "赤"), load_matcher().match(text))
    assert not is_kept(Completion(text, path.full, path), load_matcher().match("稻城县赤土 赤村"))


def test_an_opening_bracket_before_names_at_the_end_is_a_separator():
    table, matcher = load_table(), load_matcher()
    town = next(code for code, name in table.town_names("411723").items() if name == "古槐街道")
    path = table.path(town)

    def kept(text: str) -> bool:
        return is_kept(Completion(text, path.full, path), matcher.match(text))

    assert kept("驻马店市古槐街道（河南平舆县")
    assert not kept("驻马店市古槐街道（人民路"), "a road is lost"


def test_numbers_and_letters_between_two_names_are_seen():
    text = "江苏省 215332 昆山市A12花桥镇"
    match = load_matcher().match(text)
    path = match.path

    def kept(detail: str) -> bool:
        return is_kept(Completion(text, path.full + detail, path, detail), match)

    assert kept("215332 A12") and kept("A12 215332")
    assert not kept("") and not kept("215332"), "a number is lost"


def test_a_mistyped_name_that_a_note_tells_is_read():
    matcher = load_matcher()

    def kept(text: str, lost: str = "") -> bool:
        answer = complete(text)
        detail = answer.detail.replace(lost, "")
        return is_kept(replace(answer, detail=detail, full=answer.path.full + detail), matcher.match(text))

    for text in (
        "江苏省苏州市昆善花桥镇人民路12号",
        "合肥市巢市/中庙街道/中庙街道人民路12号",
        "宁省鞍市 A12 岫岩满族治县三家子镇人民路12号",
    ):
        assert kept(text)
        assert not kept(text, "人民"), "two characters are lost"


def test_a_town_s_short_name_behind_short_names_is_read():
    text = "山东省泰安市肥城湖屯"
    answer = complete(text)
    assert answer.town == "湖屯镇" and is_kept(answer, load_matcher().match(text))
    assert not is_kept(answer, load_matcher().match(text + "村"))
