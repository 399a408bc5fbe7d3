"""One set of options, refused where they have no use; a version that sees every change."""

from __future__ import annotations

from pathlib import Path

import pytest

from buqi.answering import AnswerOptions, options
from buqi.errors import UsageError
from buqi.loading import UNTUNED


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"mode": "guess"}, "--mode guess: expected one of auto, match, generate"),
        ({"threshold": 2}, "--threshold 2: expected a number from 0 to 1"),
        ({"threshold": "0.9"}, "--threshold '0.9': expected a number from 0 to 1"),
        ({"threshold": float("nan")}, "--threshold nan: expected a number from 0 to 1"),
        ({"mode": "match", "adapter": Path("x")}, "asks no model"),
        ({"mode": "match", "memory": Path("x")}, "--memory: only with --mode auto"),
        ({"mode": "generate", "memory": Path("x"), "threshold": 0.0}, "--memory: only with --mode auto"),
        ({"mode": "match", "threshold": 0.0}, "--threshold: only with --mode auto or generate"),
        ({"mode": "generate", "free": True, "threshold": 0.5}, "--threshold: only with --mode auto or generate"),
        ({"free": True}, "--free: only with --mode generate"),
        ({"allowed": ("a",)}, "--allowed: only with --mode generate"),
        ({"mode": "generate", "free": True, "max_new_tokens": 0}, "--max_new_tokens 0: expected at least 1"),
        ({"allowed": ("a",), "max_new_tokens": 5}, "--allowed, --max_new_tokens: only with --mode generate"),
        ({"mode": "generate", "probabilities": True}, "--probabilities: of the answers of --allowed"),
        (
            {"mode": "generate", "probabilities": True, "allowed": ("a",), "engine": "llamacpp"},
            "--probabilities: only with --engine torch",
        ),
        ({"mode": "generate", "contact": True}, "--contact: a model that writes reads no telephones"),
        ({"engine": "torch"}, "--engine torch: no model is asked"),
        ({"adapter": Path(UNTUNED)}, "--adapter none: only with --mode generate"),
    ],
)
def test_options_without_use_are_refused(chosen, message):
    with pytest.raises(UsageError, match=message):
        AnswerOptions(**chosen)


def test_the_version_changes_with_code_data_memory_and_options(tmp_path, monkeypatch):
    package, memory = tmp_path / "buqi", tmp_path / "memory"
    for folder in (package / "places", package / "address" / "evidence", memory):
        folder.mkdir(parents=True)

    def version(**chosen: object) -> str:
        monkeypatch.setattr(options, "PACKAGE", package)
        options._package_digest.cache_clear()
        return AnswerOptions(memory=memory, **chosen).version()

    seen = [version(), version(threshold=0.5)]
    for file in (package / "places" / "votes.py", package / "address" / "evidence" / "roads.tsv", memory / "a.parquet"):
        file.write_text("1")
        seen.append(version())
    (package / "places" / "votes.py").write_text("2")
    seen.append(version())
    assert len(set(seen)) == len(seen), "each change makes another version"
    (package / "places" / "__pycache__").mkdir()
    (package / "places" / "__pycache__" / "votes.pyc").write_text("3")
    assert version() == seen[-1], "compiled code is no change"
    options._package_digest.cache_clear()


def test_what_nobody_names_is_the_embedded_base_and_128_tokens():
    assert (AnswerOptions().model_spec, AnswerOptions().most_tokens) == ("embedded", 128)
    named = AnswerOptions("generate", model="x.gguf", max_new_tokens=5)
    assert (named.model_spec, named.most_tokens) == ("x.gguf", 5)
