"""Each character of a line has one kind, and no two kinds overlap."""

from __future__ import annotations

from buqi.contact.labels import ADDRESS, PHONE, POSTCODE
from buqi.contact.parts import LABEL, LineMarks
from buqi.divisions import load_matcher


def marked(text: str) -> list[tuple[str, str]]:
    marks = LineMarks(text)
    marks.find_labels_and_phones()
    marks.find_postcode(load_matcher())
    return [(part.kind, text[part.start : part.end]) for part in marks.parts()]


def test_labels_telephones_and_postcodes_are_marked():
    found = marked("电话：18291234567 邮编：721000 扶风县法门镇")
    assert (PHONE, "18291234567") in found
    assert (POSTCODE, "721000") in found
    assert any(kind == LABEL and "电话" in text for kind, text in found)
    assert found[-1][0] == ADDRESS and found[-1][1].endswith("扶风县法门镇")


def test_the_parts_are_the_line():
    for text in ("扶风县法门镇", "18291234567", "，。", ""):
        assert "".join(piece for _, piece in marked(text)) == text
