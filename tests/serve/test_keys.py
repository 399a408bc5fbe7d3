"""A file of keys: what it may hold, and that it may change."""

from __future__ import annotations

import time

import pytest

from buqi.errors import UsageError
from buqi.serve.keys import Keys


def test_a_name_has_one_key(tmp_path):
    keys = tmp_path / "keys"
    first = Keys.new(keys, "shop")
    kept = keys.read_text()
    with pytest.raises(UsageError, match="has a key of this name; to replace it, delete its line"):
        Keys.new(keys, "shop")
    assert keys.read_text() == kept
    keys.write_text(kept.rstrip())  # as some editors leave it
    other = Keys.new(keys, "more")
    assert (Keys(keys).owner(first), Keys(keys).owner(other)) == ("shop", "more")
    keys.write_text(kept + kept)
    with pytest.raises(UsageError, match="keys:2: a second key of the name shop"):
        Keys(keys)


@pytest.mark.parametrize("digest", ["é" * 64, "g" * 64, "0" * 63, "0" * 65, " " + "0" * 63])
def test_what_is_no_hash_is_refused_when_it_is_read(tmp_path, digest):
    (tmp_path / "keys").write_text(f"me {digest}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="keys:1: expected a name and a SHA-256 hash"):
        Keys(tmp_path / "keys")


def test_a_hash_may_be_in_capitals_and_a_name_is_no_comment(tmp_path):
    key = Keys.new(tmp_path / "keys", "me")
    name, digest = (tmp_path / "keys").read_text().split()
    (tmp_path / "keys").write_text(f"{name} {digest.upper()}\n")
    assert Keys(tmp_path / "keys").owner(key) == "me"
    with pytest.raises(UsageError, match="does not begin with #"):
        Keys.new(tmp_path / "keys", "#me")


def test_keys_change_while_the_service_runs(tmp_path, monkeypatch, caplog):
    path = tmp_path / "keys"
    first = Keys.new(path, "first")
    keys, clock = Keys(path), time.monotonic()
    monkeypatch.setattr("buqi.serve.keys.time.monotonic", lambda: clock)
    more = Keys.new(path, "more")
    assert keys.owner(more) is None, "it was just read"
    clock += 2
    assert (keys.owner(first), keys.owner(more)) == ("first", "more")
    path.write_text("\n".join(line for line in path.read_text().splitlines() if line.startswith("more")))
    clock += 2
    assert (keys.owner(first), keys.owner(more)) == (None, "more")
    for broken in (lambda: path.write_text("first secret"), path.unlink):
        broken()
        clock += 2
        assert keys.owner(more) == "more", "what was read before stays"
    assert len(caplog.records) == 2 and "the keys read before stay" in caplog.text
