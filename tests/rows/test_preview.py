from __future__ import annotations

from buqi.base import load_tokenizer
from buqi.rows.preview import coloured, pieces
from buqi.task import ADDRESS


def test_trained_tokens_are_coloured(tiny):
    tokenizer = load_tokenizer(tiny)
    text = coloured(tokenizer, ADDRESS.encode(tokenizer, ["碑林区1号"], ["西安市碑林区1号"]))
    green = "".join(text.plain[s.start : s.end] for s in text.spans if "green" in str(s.style))
    assert green == "西安市碑林区1号<|im_end|>"
    assert "补齐五级行政地址: 碑林区1号" in text.plain


def test_tokens_of_one_character_are_one_piece(tiny):
    tokenizer = load_tokenizer(tiny)
    row = ADDRESS.encode(tokenizer, ["碑林区1号"], ["西安市𠮷1号"])
    found = list(pieces(tokenizer, row))
    assert "".join(piece.text for piece in found) == coloured(tokenizer, row).plain
    assert [piece for piece in found if piece.tokens > 1] and all(piece.whole for piece in found)
    assert sum(piece.tokens for piece in found) == len(row.ids)
    assert "".join(piece.text for piece in found if piece.trained) == "西安市𠮷1号<|im_end|>"
