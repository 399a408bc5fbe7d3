"""Models that chat: adapters of one base in one step, and where they may come from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from buqi.answering import AnswerOptions
from buqi.errors import UsageError
from buqi.serve import ServiceSettings, create_app
from buqi.serve.models import Chat, Models
from buqi.serve.problems import Problem
from tests.conftest import make_tiny
from tests.helpers import make_adapter, needs_openvino


def test_one_step_answers_chats_of_all_adapters(served, monkeypatch):
    service = served[1]
    messages = [{"role": "user", "content": "say 5"}]
    prompt = service.models.prompt("base", messages)
    alone = {name: service.models.engine.generate([prompt], 8, name)[0].text for name in ("base", "tuned")}
    chats = [Chat("base", prompt), Chat("gone", prompt), Chat("tuned", prompt)]
    base, gone, tuned = service.models.generate(8, chats)
    assert (base.text, tuned.text) == (alone["base"], alone["tuned"])
    assert isinstance(gone, Problem) and gone.status == 404, "the others of its step have their answers"


def test_system_messages_in_front_are_joined(served):
    prompt, user = served[1].models.prompt, {"role": "user", "content": "say 5"}
    several = [{"role": "system", "content": "Be"}, {"role": "system", "content": "brief."}]
    joined = [{"role": "system", "content": "Be\n\nbrief."}]
    assert prompt("base", [*several, user]) == prompt("base", [*joined, user]) != prompt("base", [user])
    with pytest.raises(Problem, match="system messages may stand first"):
        prompt("base", [user, several[0], user])


def test_folders_are_looked_for_before_anything_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr("buqi.serve.service.AddressAnswerer", None)
    monkeypatch.setattr("buqi.serve.models.open_model", None)
    chat = AnswerOptions("generate", model="embedded", free=True)
    with pytest.raises(UsageError, match="^--adapter x=.*none: no such adapter folder$"):
        create_app(ServiceSettings(data=tmp_path, chat=chat, adapters={"x": tmp_path / "none"}))


@pytest.mark.parametrize("folder", ["../more", "/etc", "..", ".", "none", "link", "pickled", "a\x00b"])
def test_adapters_only_from_the_allowed_folder(client, served, folder):
    root: Path = served[1].settings.adapters_dir
    if not (root / "link").exists():
        outside = root.parent / "outside"  # stays as long as the service: a test's own folder goes with the test
        shutil.copytree(root / "more", outside)
        (root / "link").symlink_to(outside)
        shutil.copytree(root / "more", root / "pickled")
        (root / "pickled" / "adapter_model.bin").write_bytes(b"\x80\x04.")
        (root / "inner").mkdir()
        (root / "inner" / "adapter_model.safetensors").symlink_to("/etc/passwd")
    reply = client.post("/v1/adapters/evil", json={"folder": folder})
    assert reply.status_code in (403, 404, 422) and str(root) not in reply.text
    assert client.post("/v1/adapters/evil", json={"folder": "inner"}).status_code == 403
    assert [a["name"] for a in client.get("/v1/adapters").json()] == ["tuned"]


def test_adapter_names(client):
    for name in ("base", "buqi-address", "a b", "é", "x" * 80):
        assert client.post(f"/v1/adapters/{name}", json={"folder": "more"}).status_code == 422


@needs_openvino
def test_openvino_takes_no_adapters_and_chats(tmp_path, cache):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))
    adapter = make_adapter(tiny, tmp_path / "a", 5)
    chat = AnswerOptions("generate", model=str(tiny), engine="openvino", free=True)
    with pytest.raises(UsageError, match="adapter mine: OpenVINO adds no adapters to a running model; merge it"):
        Models(ServiceSettings(tmp_path / "data", chat=chat, adapters={"mine": adapter}))
    models = Models(ServiceSettings(tmp_path / "data", chat=chat, adapters_dir=tmp_path))
    with pytest.raises(Problem, match="adapter mine: OpenVINO adds no adapters") as refused:
        models.load("mine", "a")
    assert refused.value.status == 422 and models.names == ["buqi-address", "base"]
    asked = models.prompt("base", [{"role": "user", "content": "x"}])
    told: list[str] = []
    (answer,) = models.generate(9, [Chat("base", asked, told.append)])
    assert "".join(told).strip() == answer.text


def test_an_adapter_that_leaves_while_it_is_loaded_is_no_defect(served, monkeypatch):
    models = served[1].models
    add = models.add
    monkeypatch.setattr(models, "add", lambda name, folder: (add(name, folder), models.remove(name)))
    with pytest.raises(Problem) as gone:
        models.load("brief", "more")
    assert gone.value.status == 404 and [shown["name"] for shown in models.shown()] == ["tuned"]
