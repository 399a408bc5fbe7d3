from __future__ import annotations

from buqi.base import load_tokenizer
from buqi.rows.preview import coloured
from buqi.task import ADDRESS


def test_trained_tokens_are_coloured(tiny):
    tokenizer = load_tokenizer(tiny)
    text = coloured(tokenizer, ADDRESS.encode(tokenizer, ["碑林区1号"], ["西安市碑林区1号"]))
    green = "".join(text.plain[s.start : s.end] for s in text.spans if "green" in str(s.style))
    assert green == "西安市碑林区1号<|im_end|>"
    assert "补齐五级行政地址: 碑林区1号" in text.plain
