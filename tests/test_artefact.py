"""What lies beside weights, and whether an adapter fits a base."""

from __future__ import annotations

from importlib.metadata import version

import pytest
import torch
from safetensors.torch import load_file, save_file

from buqi.artefact import (
    ADAPTER_CONFIG,
    RUN,
    WEIGHTS,
    attach_adapter,
    check_adapter,
    check_weights,
    read_run,
    versions,
    write_run,
)
from buqi.base import load_model
from buqi.errors import BuqiError, UsageError
from buqi.export import merge
from buqi.export.gguf_lora import export_lora
from buqi.tune.history import STARTED
from tests.conftest import make_tiny, write_sets
from tests.helpers import buqi, change_json, make_adapter


def test_a_run_is_read_as_it_was_written(tmp_path):
    record = {"base": {"spec": "补齐", "fingerprint": "0" * 16}, "status": "finished"}
    assert read_run(tmp_path) == {}, "a folder of others has none"
    write_run(tmp_path, record)
    assert read_run(tmp_path) == record and "补齐" in (tmp_path / RUN).read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == [RUN]


@pytest.mark.parametrize(("data", "message"), [(b"{", "broken"), (b"\xff{}", "broken"), (b"[]", "found list")])
def test_a_run_that_is_none_is_said(tmp_path, data, message):
    (tmp_path / RUN).write_bytes(data)
    with pytest.raises(BuqiError, match=message):
        read_run(tmp_path)


def test_versions_are_those_installed(monkeypatch):
    monkeypatch.setattr("buqi.artefact.PACKAGES", ("torch", "no-such-package"))
    assert versions() == {"torch": version("torch"), "no-such-package": "not installed"}


def test_an_adapter_fits_its_own_base(tiny, other_tiny, tuned, tmp_path):
    check_adapter(tuned / "out", tiny)
    with pytest.raises(UsageError, match="another base"):
        check_adapter(tuned / "out", other_tiny)
    with pytest.raises(UsageError, match="no such adapter folder"):
        check_adapter(tmp_path / "none", tiny)
    with pytest.raises(UsageError, match="found nothing"):
        check_adapter(tmp_path, tiny)
    (tmp_path / STARTED).write_text("{}")
    with pytest.raises(UsageError, match="its training has not ended"):
        check_adapter(tmp_path, tiny)


@pytest.mark.parametrize(
    "command",
    [
        "merge --lora_path {} --output_path {}/m",
        "export-paddle {} --output_path {}/m",
        "complete x --mode generate --adapter {}",
        "evaluate {}/rows.jsonl --compare base,tuned --adapter {}",
        "serve --adapter x={}",
        "train --do_train true --dataset_name_or_path {} --output_dir {}/m --lora true --lora_path {}",
    ],
)
@pytest.mark.parametrize("found", ["whole model", "nothing"])
def test_a_folder_that_is_no_adapter_is_seen_before_a_base_is_fetched(tmp_path, cache, monkeypatch, command, found):
    monkeypatch.setattr("buqi.base.embedded._fetch", lambda *_: pytest.fail("the base was fetched"))
    write_sets(tmp_path).joinpath("rows.jsonl").write_text('{"src": "a", "tgt": "b"}\n')
    for name in ("config.json", "model.safetensors") if found == "whole model" else ():
        (tmp_path / name).write_text("{}")
    said = buqi(*command.format(*[tmp_path] * 3).split(), code=2).stderr.replace("\n", "")
    expected = "expected adapter_config.json" if found == "nothing" else "is a whole model and no adapter; name it"
    assert expected in said


def test_weights_that_change_nothing_are_refused(tmp_path):
    with pytest.raises(BuqiError, match=f"no {WEIGHTS}"):
        check_weights(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"\x80\x04.")
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        check_weights(tmp_path)
    for tensors, message in (({"x": torch.ones(2)}, "no LoRA weights"), ({"x.lora_B": torch.zeros(2)}, "is zero")):
        save_file(tensors, tmp_path / WEIGHTS)
        with pytest.raises(BuqiError, match=message):
            check_weights(tmp_path)
    save_file({"x.lora_B": torch.zeros(2), "y.lora_B": torch.ones(2)}, tmp_path / WEIGHTS)
    check_weights(tmp_path)


def test_an_adapter_of_alpha_0_changes_nothing(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    change_json(adapter / ADAPTER_CONFIG, lora_alpha=0)
    with pytest.raises(BuqiError, match="lora_alpha is 0: the adapter answers as its base"):
        check_weights(adapter)
    change_json(adapter / ADAPTER_CONFIG, alpha_pattern={"q_proj": 8})
    check_weights(adapter)


def test_adapters_stand_beside_each_other(tiny, tuned, tmp_path):
    model = attach_adapter(attach_adapter(load_model(tiny), tuned / "out"), tuned / "out", "again")
    assert set(model.peft_config) == {"default", "again"}
    small = load_model(make_tiny(tmp_path / "small", hidden=32))
    with pytest.raises(BuqiError, match="does not fit this base"):
        attach_adapter(small, tuned / "out")


def foreign(tiny, tmp_path, named):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    change_json(adapter / ADAPTER_CONFIG, base_model_name_or_path=named)
    return adapter


def test_an_adapter_that_names_another_base_is_said(tiny, other_tiny, tmp_path, recwarn):
    with pytest.warns(UserWarning, match="names another base, Qwen/Qwen2.5-0.5B-Instruct, than"):
        check_adapter(foreign(tiny, tmp_path, "Qwen/Qwen2.5-0.5B-Instruct"), tiny)
    with pytest.raises(UsageError, match="another base than"):
        check_adapter(foreign(tiny, tmp_path, str(other_tiny)), tiny)
    recwarn.clear()
    for same in (str(tiny), f"/root/models/{tiny.name}", f"unsloth/{tiny.name}-bnb-4bit", None):
        check_adapter(foreign(tiny, tmp_path, same), tiny)
    assert not [warning for warning in recwarn if "another base" in str(warning.message)]


@pytest.mark.parametrize("start", ["pissa_niter_4", "corda", "loftq", "lora_ga"])
def test_a_start_that_cannot_be_computed_again_is_refused(tiny, tmp_path, start):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    change_json(adapter / ADAPTER_CONFIG, init_lora_weights=start)
    for use in (lambda: check_adapter(adapter, tiny), lambda: merge(str(tiny), adapter, tmp_path / "m")):
        with pytest.raises(BuqiError, match=f"it began with {start} .*save it as plain LoRA"):
            use()


@pytest.mark.parametrize("start", ["pissa", "olora"])
def test_a_start_that_changed_the_base_is_merged_and_used_in_no_other_way(tiny, tmp_path, start):
    adapter = make_adapter(tiny, tmp_path / "a", 1, init_lora_weights=start)
    plain = load_model(tiny)
    for use in (lambda: check_adapter(adapter, tiny), lambda: export_lora(adapter, tiny, tmp_path / "m.gguf")):
        with pytest.raises(BuqiError, match=f"it began with {start} .*merge it first"):
            use()
    with pytest.warns(UserWarning, match="only if this base is the one from before its training"):
        merge(str(tiny), adapter, tmp_path / "m")
    name = "model.layers.0.self_attn.q_proj"
    tuned = attach_adapter(plain, adapter).base_model.model.get_submodule(name)
    merged = load_model(tmp_path / "m").get_submodule(name)
    residual, change = tuned.base_layer.weight, tuned.get_delta_weight("default")
    assert torch.allclose(merged.weight, residual + change, atol=1e-5)
    assert not torch.allclose(residual, load_model(tiny).get_submodule(name).weight, atol=1e-3)


def test_starts_that_leave_the_base_alone_are_taken(tiny, tmp_path):
    for start in ("gaussian", "orthogonal"):
        check_adapter(make_adapter(tiny, tmp_path / start, 1, init_lora_weights=start), tiny)


def test_what_is_named_instead_of_an_adapter_is_said(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    with pytest.raises(UsageError, match="a file; name its folder"):
        check_adapter(adapter / WEIGHTS, tiny)
    save_file({"model.layers.0.self_attn.q_proj.lora_a": torch.ones(2, 2)}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match=r"as PEFT names them \(no lora_B\), found model.*lora_a"):
        check_adapter(adapter, tiny)
    (adapter / WEIGHTS).rename(adapter / "adapter_model.bin")
    with pytest.raises(UsageError, match=r"adapter_model\.bin is pickled and not read; save it as adapter_model"):
        check_adapter(adapter, tiny)


def test_a_resized_vocabulary_is_the_reason_given(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    weights = load_file(adapter / WEIGHTS)
    for name in ("model.embed_tokens", "lm_head"):
        save_file(weights | {f"base_model.model.{name}.weight": torch.ones(250, 64)}, adapter / WEIGHTS)
        with pytest.raises(BuqiError, match=rf"vocabulary of 250 rows, this base has 259 \({name}.*save_embedding"):
            check_adapter(adapter, tiny)


def test_modules_that_were_trained_whole_are_named(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 1, modules_to_save=["embed_tokens", "lm_head"])
    check_adapter(adapter, tiny)
    for use in (
        lambda: merge(str(tiny), adapter, tmp_path / "m"),
        lambda: export_lora(adapter, tiny, tmp_path / "m.gguf"),
    ):
        with pytest.raises(BuqiError, match=r"embed_tokens, lm_head \(modules_to_save\) was trained whole"):
            use()


def test_an_adapter_that_is_attached_by_halves_leaves_the_base_as_it_was(tiny, tuned, tmp_path):
    folder = make_adapter(tiny, tmp_path / "odd", 1)
    change_json(folder / ADAPTER_CONFIG, trainable_token_indices=[])
    model = load_model(tiny)
    ids = torch.tensor([[5, 6, 7]])
    before = model(input_ids=ids).logits
    with pytest.raises(BuqiError, match="does not fit this base"):
        attach_adapter(model, folder)
    assert not [name for name, _ in model.named_parameters() if "lora" in name]
    assert torch.equal(model(input_ids=ids).logits, before)
    assert attach_adapter(model, tuned / "out", "good").peft_config.keys() == {"good"}
