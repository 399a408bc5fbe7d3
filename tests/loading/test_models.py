"""Which adapter writes when none is named."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from buqi.answering import AnswerOptions, WritingAnswerer, open_answerer
from buqi.bulk import ColumnFiller
from buqi.errors import BuqiError, UsageError
from buqi.loading import TUNED, UNTUNED, adapter_for, load
from buqi.loading import models as opened
from buqi.loading.gguf_cache import gguf_of
from buqi.seal import broken, sealed
from buqi.shapes import shapes_in
from tests.conftest import make_tiny
from tests.helpers import buqi, make_adapter, needs_openvino


@pytest.fixture
def shipped(tuned, monkeypatch) -> Path:
    """The tiny model's adapter in the place of the shipped one."""
    monkeypatch.setattr(opened, "SHIPPED", tuned / "out")
    return tuned / "out"


def test_the_shipped_adapter_writes_on_its_own_base_alone(tiny, other_tiny, shipped, tuned, tmp_path, monkeypatch):
    assert adapter_for(str(tiny), None) == shipped
    assert adapter_for(str(other_tiny), None) is None, "another base"
    assert adapter_for(str(tiny), Path(UNTUNED)) is None
    assert adapter_for(str(tiny), named := tuned / "out" / "last") == named, "a named one goes first"
    assert adapter_for("some.gguf", None) is None
    assert adapter_for(str(shipped), None) is None, "an adapter named as the model"
    monkeypatch.setattr(opened, "SHIPPED", tmp_path / "none")
    assert adapter_for(str(tiny), None) is None


def test_bulk_answers_are_the_shipped_adapters(tiny, shipped, cache):
    texts = ["甲1", "乙2"]
    settings = {"mode": "generate", "model": str(tiny), "engine": "torch", "max_new_tokens": 8, "free": True}
    by_default, named, untuned = (
        ColumnFiller(AnswerOptions(**settings, adapter=adapter)).answer(texts)
        for adapter in (None, shipped, Path(UNTUNED))
    )
    assert by_default == named != untuned


def test_other_modes_ask_none(shipped, cache):
    assert not isinstance(open_answerer(AnswerOptions()), WritingAnswerer)
    failed = buqi("complete", "x", "--adapter", UNTUNED, code=2)
    assert "--adapter none: only with --mode generate" in failed.stderr


def test_what_ships_says_where_it_comes_from():
    record = json.loads((opened.SHIPPED / "run.json").read_text(encoding="utf-8"))
    assert record["base"]["spec"] == "embedded"
    assert (record["data"]["train"]["rows"], record["data"]["train"]["seen"]) == (2_395_904, 555_144)
    weights = shapes_in(opened.SHIPPED / "adapter_model.safetensors")
    assert record["trainable"] == sum(math.prod(shape) for shape in weights.values())
    lora = json.loads((opened.SHIPPED / "adapter_config.json").read_text(encoding="utf-8"))
    assert (
        (lora["r"], lora["lora_alpha"]) == (record["config"]["lora_rank"], record["config"]["lora_alpha"]) == (32, 64)
    )
    assert sum(path.stat().st_size for path in opened.SHIPPED.iterdir()) < 40e6
    assert sealed(opened.SHIPPED) and not broken(opened.SHIPPED, whole=True)


@needs_openvino
def test_openvino_runs_a_folder_with_and_without_its_adapter(tmp_path, cache):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))
    adapter = make_adapter(tiny, tmp_path / "a", 5, std=3.0)
    found = load(str(tiny), adapter, "openvino")
    assert found.engine.title == "OpenVINO" and found.engine.adapters == [TUNED] and found.trained
    prompt = found.task.prompt_text(found.engine.tokenizer, ["碑林区1号"])
    base, tuned = found.engine.generate([prompt] * 2, 8, ["base", TUNED])
    assert base != tuned and load(str(tiny), None, "openvino").engine.generate([prompt], 8) == [base]
    file = gguf_of(tiny)
    assert load(str(file), None, "openvino").engine.generate([prompt], 8) == [base]
    with pytest.raises(UsageError, match="an adapter needs its base's folder"):
        load(str(file), adapter, "openvino")
    dora = make_adapter(tiny, tmp_path / "d", 1, use_dora=True)
    with pytest.raises(BuqiError, match="DoRA, which a GGUF file has not; .*; --engine torch does without Open"):
        load(str(tiny), dora, "openvino")
