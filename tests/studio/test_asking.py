"""Questions to base and adapters: one base in memory, the same prompt for both."""

from __future__ import annotations

import shutil

import pytest

from buqi.errors import UsageError
from buqi.studio import asking
from buqi.studio.asking import Asker
from tests.helpers import change_json


@pytest.fixture
def asker(tmp_path, tiny) -> Asker:
    return Asker(tmp_path, str(tiny))


def test_base_and_adapter_answer_to_the_adapters_prompt(asker, tuned):
    base, adapter = asker.ask("say 1", [None, tuned / "out"])
    assert base != adapter
    (name,) = asker.models.folders
    prompt = asker.models.prompt(name, [{"role": "user", "content": "say 1"}])
    assert base == asker.models.engine.generate([prompt], asking.MOST_TOKENS, "base")[0].text
    assert asker.ask("say 1", [tuned / "out"]) == [adapter] and list(asker.models.folders) == [name]


def test_only_so_many_adapters_are_held(asker, tuned, tmp_path, monkeypatch):
    monkeypatch.setattr(asking, "MOST_ADAPTERS", 1)
    shutil.copytree(tuned / "out", tmp_path / "copy")
    first, second = (asker.ask("say 2", [folder]) for folder in (tuned / "out", tmp_path / "copy"))
    assert first == second and len(asker.models.folders) == 1


def test_what_cannot_be_asked(asker, tuned, tmp_path):
    for text in ("", "  ", "x" * (asking.MOST_CHARACTERS + 1)):
        with pytest.raises(UsageError, match="1 to 500"):
            asker.ask(text, [None])
    shutil.copytree(tuned / "out", tmp_path / "other")
    change_json(tmp_path / "other" / "run.json", base={"spec": "elsewhere"})
    with pytest.raises(UsageError, match="different bases"):
        asker.ask("say 3", [tuned / "out", tmp_path / "other"])
