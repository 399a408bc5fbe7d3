"""Files and adapters that say what they should not: refused in a sentence, and nothing of them is left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.serve.conftest import TEXTS, upload, wait_for


def lying(parquet: bytes, rows: int, said: int) -> bytes:
    """Return a parquet file whose footer says another number of rows (Thrift's compact form, zigzag)."""

    def number(value: int) -> bytes:
        value, found = value * 2, b""
        while value > 127:
            found, value = found + bytes([value & 127 | 128]), value >> 7
        return found + bytes([value])

    size = int.from_bytes(parquet[-8:-4], "little")
    head, footer = parquet[: -8 - size], parquet[-8 - size : -8]
    assert footer.count(number(rows)) >= 2
    footer = footer.replace(number(rows), number(said))
    return head + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def parquet(tmp_path: Path, frame: pl.DataFrame) -> bytes:
    frame.write_parquet(tmp_path / "x.parquet")
    return (tmp_path / "x.parquet").read_bytes()


def test_parquet_files_that_stand_for_more(client, tmp_path):
    honest = parquet(tmp_path, pl.DataFrame({"address": [TEXTS[0]] * 54321}))
    cases = {
        "many rows": parquet(tmp_path, pl.select(address=pl.repeat(TEXTS[0], 9_000_000))),
        "long texts": parquet(tmp_path, pl.DataFrame({"address": ["字" * 9000] * 40_000})),
        "one long list": parquet(tmp_path, pl.DataFrame({"l": [pl.zeros(9_000_000, pl.Int64, eager=True)]})),
        "a footer that says more": lying(honest, 54321, 10**12),
    }  # fmt: skip
    for what, data in cases.items():
        reply = upload(client, "a.parquet", data)
        assert len(data) < 3_000_000 and reply.status_code in (413, 422), (what, len(data), reply.text)
        assert reply.status_code == 413 or "footer" in what
    for said in (54320, 60_000, 2_400_000):  # what it says is allowed: it is done, refused or fails in one sentence
        reply = upload(client, "a.parquet", lying(honest, 54321, said))
        assert reply.status_code in (202, 413, 422)
        if reply.status_code == 202:
            found = wait_for(client, reply.json()["id"], 120)
            assert found["status"] in ("done", "failed") and "\n" not in found["error"]
    for at in range(4, len(honest), max(1, len(honest) // 12)):
        broken = bytearray(honest)
        broken[at] ^= 0xFF
        assert upload(client, "a.parquet", bytes(broken)).status_code in (202, 413, 422)
    assert client.get("/readyz").status_code == 200
    good = upload(client, "a.parquet", parquet(tmp_path, pl.DataFrame({"address": TEXTS}))).json()["id"]
    assert wait_for(client, good, 120)["status"] == "done"


def changed(folder: Path, name: str, **config: object) -> str:
    """Make an adapter like the good one with another configuration; return its name."""
    shutil.copytree(folder / "good", folder / name, dirs_exist_ok=True)
    (folder / name / "seal.json").unlink(missing_ok=True)
    path = folder / name / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    return name


CONFIGS = [
    {"target_modules": "(a+)+$"},
    {"target_modules": r"(.*)*(.*)*(.*)*(.*)*x"},
    {"target_modules": ["(q|q)*_proj"]},
    {"target_modules": "q_proj", "exclude_modules": "(.*a)*b"},
    {"layers_pattern": "(.*a)*b", "layers_to_transform": [0]},
    {"rank_pattern": {"((.*)*)*x": 4}},
    {"alpha_pattern": {"((.*)*)*x": 4}},
    {"target_modules": 5},
    {"target_modules": []},
    {"r": 10**9},
    {"r": "8"},
    {"r": -1},
    {"peft_type": "IA3"},
    {"peft_type": None},
    {"lora_alpha": "x"},
    {"layer_replication": [[0, 10**6]]},
]


@pytest.mark.parametrize("number", range(len(CONFIGS)))
def test_adapters_that_say_what_they_should_not(client, attacked, number):
    root = attacked[1].settings.adapters_dir
    name = changed(root, f"config{number}", **CONFIGS[number])
    reply = client.post("/v1/adapters/evil", json={"folder": name})
    assert reply.status_code in (409, 422), (CONFIGS[number], reply.text)
    message = reply.json()["error"]["message"]
    assert str(root) not in message and "\n" not in message
    assert client.get("/v1/adapters").json() == [], "nothing of it is left"


FILES = {
    "no json": ("adapter_config.json", b"{"),
    "a list": ("adapter_config.json", b"[1]"),
    "a text": ("adapter_config.json", b'"LORA"'),
    "no utf-8": ("adapter_config.json", b"\xff\xfe\x00"),
    "brackets": ("adapter_config.json", b"[" * 100_000),
    "no weights": ("adapter_model.safetensors", b""),
    "weights of nothing": ("adapter_model.safetensors", b"\x02\x00\x00\x00\x00\x00\x00\x00{}"),
    "a header of 2^60 bytes": ("adapter_model.safetensors", b"\x00" * 7 + b"\x10" + b"{}"),
    "a run of lists": ("run.json", b"[]"),
    "a base that is a text": ("run.json", b'{"base": "x"}'),
    "a task of nothing": ("task.json", b"{}"),
    "a task of lists": ("task.json", b'{"name": [], "template": [], "system": 5}'),
}


@pytest.mark.parametrize("what", list(FILES))
def test_adapters_with_broken_files(client, attacked, what):
    root = attacked[1].settings.adapters_dir
    name = changed(root, what.replace(" ", "-"))
    (root / name / FILES[what][0]).write_bytes(FILES[what][1])
    reply = client.post("/v1/adapters/evil", json={"folder": name})
    assert reply.status_code == 422, reply.text
    assert str(root) not in reply.text and "\n" not in reply.json()["error"]["message"]
    assert client.get("/v1/adapters").json() == []


@pytest.mark.parametrize("folder", ["\ud800", "a" * 300, "字" * 300, "good/adapter_config.json", "\x00", "good/../.."])
def test_folders_that_are_none(client, folder):
    body = json.dumps({"folder": folder}).encode()
    reply = client.post("/v1/adapters/evil", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code in (403, 404, 422)
    odd = client.post(
        "/v1/complete", content=json.dumps({folder: 1}).encode(), headers={"Content-Type": "application/json"}
    )
    assert odd.status_code == 422, "a key with half a character"
