"""Makes the fixtures of test_paddle.py with the real PaddleNLP, and opens our exports in it.

It needs an environment of its own (PaddleNLP pins old packages), which `make` does not build:

    python -m venv paddle && paddle/bin/pip install paddlepaddle==3.3.1 paddlenlp==3.0.0b4 aistudio_sdk==0.2.6 \
        'pyarrow<19' 'datasets<3' numpy==1.26.4
    paddle/bin/python tests/export/paddle_fixtures.py make tests/export/paddle
    paddle/bin/python tests/export/paddle_fixtures.py check tests/export/paddle EXPORTED_ADAPTER

``make`` writes a tiny Qwen2 (base/, in Hugging Face's names and layout), LoRA adapters on it in both layouts that
PaddleNLP saves, and each one's logits. ``check`` loads an adapter that ``buqi export-paddle`` wrote and compares.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import paddle
from paddlenlp.peft import LoRAConfig, LoRAModel
from paddlenlp.transformers import Qwen2Config, Qwen2ForCausalLM
from safetensors.numpy import save_file

IDS = [[3, 17, 42, 5, 88, 101, 7, 64, 250, 199, 31, 2]]
SIZES = {
    "vocab_size": 259,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "tie_word_embeddings": False,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0,
}
TARGETS = [".*q_proj.*", ".*v_proj.*", ".*down_proj.*"]


def hugging_face(state: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return weights under Hugging Face's names; linear layers are transposed there."""
    found = {}
    for name, value in state.items():
        linear = value.ndim == 2 and "embed" not in name
        found[name.replace("qwen2.", "model.")] = np.ascontiguousarray(value.T if linear else value)
    return found


def make(folder: Path) -> None:
    """Write base, adapters and logits."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "base").mkdir(parents=True)
    paddle.seed(7)
    model = Qwen2ForCausalLM(Qwen2Config(**SIZES))
    model.eval()
    state = {name: value.numpy() for name, value in model.state_dict().items()}
    np.savez(folder / "paddle_base.npz", **state)
    save_file(hugging_face(state), folder / "base" / "model.safetensors", metadata={"format": "pt"})
    config = {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], **SIZES}
    (folder / "base" / "config.json").write_text(json.dumps(config, indent=1))
    logits = {"base": asked(model)}
    for name, unified, rslora in (("pdparams", False, False), ("unified", True, True), ("pissa", False, False)):
        fresh = rebuilt(folder)
        tuned = LoRAModel(
            fresh,
            LoRAConfig(
                target_modules=TARGETS,
                r=4,
                lora_alpha=8,
                rslora=rslora,
                pissa=name == "pissa",
                base_model_name_or_path="tiny-qwen2",
            ),
        )
        asked(tuned)  # PiSSA takes its singular values out of the base at the first forward
        rng = np.random.default_rng(len(name))
        for key, value in tuned.state_dict().items():
            if "lora_" in key:
                noise = rng.normal(0, 0.2, value.shape).astype("float32")
                value.set_value(noise + (value.numpy() if name == "pissa" else 0))
        tuned.eval()
        logits[name] = asked(tuned)
        save(tuned, folder / name, unified)
    (folder / "paddle_base.npz").rename(folder / "base" / "paddle.npz")
    np.savez(folder / "logits.npz", ids=np.array(IDS), **logits)


def asked(model: Qwen2ForCausalLM | LoRAModel) -> np.ndarray:
    """Return (1, positions, vocabulary) logits."""
    out = model(paddle.to_tensor(IDS))
    return (out[0] if isinstance(out, tuple) else out).numpy()


def rebuilt(folder: Path) -> Qwen2ForCausalLM:
    """Return the tiny base again."""
    model = Qwen2ForCausalLM(Qwen2Config(**SIZES))
    model.set_state_dict(
        {name: paddle.to_tensor(value) for name, value in np.load(next(folder.rglob("paddle*.npz"))).items()}
    )
    model.eval()
    return model


def save(tuned: LoRAModel, target: Path, unified: bool) -> None:
    """Save an adapter as PaddleNLP's trainer does without (pdparams) or with (safetensors) unified checkpoints."""
    tuned.save_pretrained(str(target), save_model_config=False)
    if not unified:
        return
    weights = {k: v.numpy() for k, v in paddle.load(str(target / "lora_model_state.pdparams")).items()}
    (target / "lora_model_state.pdparams").unlink()
    name = "peft_model-00001-of-00001.safetensors"
    save_file(weights, target / name, metadata={"format": "np"})
    index = {
        "metadata": {"total_size": sum(v.nbytes for v in weights.values())},
        "weight_map": dict.fromkeys(weights, name),
        "type": "lora",
    }
    (target / "peft_model.safetensors.index.json").write_text(json.dumps(index, indent=2))


def check(folder: Path, adapter: Path) -> None:
    """Load an exported adapter with PaddleNLP and compare its logits with ``expected.npy`` beside it."""
    tuned = LoRAModel.from_pretrained(rebuilt(folder), str(adapter))
    tuned.eval()
    found = asked(tuned)
    gap = float(np.abs(found - np.load(adapter / "expected.npy")).max())
    changed = float(np.abs(found - np.load(folder / "logits.npz")["base"]).max())
    print(f"largest logit difference {gap:.2e}; the adapter changes logits by up to {changed:.2e}")
    assert gap < 1e-4 < changed


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    {"make": make, "check": check}[what](*map(Path, paths))
