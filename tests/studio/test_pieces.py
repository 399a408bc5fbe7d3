"""Markup, curves and sentences."""

from __future__ import annotations

import re
from pathlib import Path

import buqi.studio
from buqi.studio.curves import drawing
from buqi.studio.markup import Markup, bullets, figures, joined, link, paragraph, table
from buqi.studio.texts import LANGUAGES, Texts, sentences

HOSTILE = '<img src=x onerror="alert(1)">'


def test_nothing_from_outside_becomes_markup():
    made = joined(
        [paragraph(HOSTILE, "bad"), table([HOSTILE], [[HOSTILE]]), bullets([HOSTILE]), figures([(HOSTILE, HOSTILE)]),
         link("/files/x?" + HOSTILE, HOSTILE, HOSTILE), drawing(HOSTILE, {"loss": [(1, 2)]}, {"loss": HOSTILE}, 3)]
    )  # fmt: skip
    assert "<img" not in made and "&lt;img" in made
    assert joined(["<b>", Markup("<b>")]) == "&lt;b&gt;<b>"


def test_drawing():
    points = [(step, 1 / step) for step in range(1, 2000)]
    made = drawing("Loss", {"loss": points, "eval_loss": [(5, 0.2)]}, {"loss": "a", "eval_loss": "b"}, 2500)
    lines = re.findall(r'class="line" points="([^"]*)"', made)
    assert len(lines) == 2 and 300 < len(lines[0].split()) < 700 and "2500" in made and ">1<" in made
    flat = drawing("Rate", {"learning_rate": [(1, 0.0), (2, 0.0)]}, {"learning_rate": "r"}, 0)
    assert "nan" not in flat and "inf" not in flat


def test_every_sentence_is_in_both_languages_and_used():
    source = "".join(p.read_text(encoding="utf-8") for p in Path(buqi.studio.__file__).parent.glob("*.py"))
    made = [prefix for prefix in re.findall(r't\(f["\']([a-z]+)_\{', source)]
    for key, of in sentences().items():
        assert len(of) == len(LANGUAGES) and all(of), key
        assert re.findall(r"\{(\w+)\}", of[0]) == re.findall(r"\{(\w+)\}", of[1]) or key.endswith("proof"), key
        assert f'"{key}"' in source or f"'{key}'" in source or key.partition("_")[0] in made, key
    for key in re.findall(r'\bt\("(\w+)"', source):
        assert key in sentences(), key


def test_durations():
    zh, en = (Texts(language) for language in LANGUAGES)
    assert [en.duration(s) for s in (3, 120, 7200)] == ["3 s", "2 min", "2.0 h"] and zh.duration(120) == "2 分钟"
