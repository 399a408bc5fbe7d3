"""``serve`` refuses what would be open to all, and makes keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from buqi.cli.main import app
from buqi.cli.serve import _adapters, _origin, _root_path
from buqi.errors import UsageError
from buqi.serve.keys import Keys


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--host", "0.0.0.0"], "other machines may ask then"),
        (["--no_keys", "--keys", "k"], "--no_keys: not with --keys"),
        (["--new_key", "me"], "name the file with --keys"),
        (["--first_key"], "--first_key: name the file with --keys"),
        (["--new_key", "a b", "--keys", "k"], "a name without spaces"),
        (["--adapters_dir", "x", "--most_adapters", "3"], "--adapters_dir, --most_adapters: no model is served"),
        (["--keys", "none"], "none: no such file; --new_key NAME makes it"),
        (["--origin", "shop.example"], "--origin shop.example: expected what browsers send, as https://shop.example"),
        (["--origin", "https://shop.example/buy"], "expected what browsers send"),
        (["--host_name", "https://buqi.internal"], "--host_name https://buqi.internal: expected a name alone"),
        (["--host_name", "buqi.internal:8000"], "expected a name alone"),
    ],
)
def test_what_it_does_not_begin_with(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["serve", "--data", str(tmp_path / "data"), *words])
    assert isinstance(done.exception, UsageError) and message in str(done.exception)
    assert list(tmp_path.iterdir()) == [], "nothing is written"


def test_a_new_key_is_shown_once_and_kept_as_a_hash(tmp_path):
    done = CliRunner().invoke(app, ["serve", "--keys", str(tmp_path / "keys"), "--new_key", "me"])
    key = done.stdout.strip()
    assert done.exit_code == 0 and key.startswith("buqi-") and key not in (tmp_path / "keys").read_text()
    assert Keys(tmp_path / "keys").owner(key) == "me" and Keys(tmp_path / "keys").owner(f"{key}x") is None


def test_adapters_have_the_names_given_or_those_of_their_folders():
    assert _adapters(["mine=/a/b", "/a/run.1"]) == {"mine": Path("/a/b"), "run_1": Path("/a/run.1")}
    with pytest.raises(UsageError, match=r"--adapter /b/out: two adapters are named out; .* NAME=FOLDER"):
        _adapters(["/a/out", "/b/out"])


@pytest.mark.parametrize("given", ["https://Shop.example", "https://shop.example/"])
def test_an_origin_is_what_browsers_send(given):
    assert _origin(given) == "https://shop.example"
    assert [_origin(text) for text in ("*", "null", "http://localhost:3000", "app://x.y")] == [
        "*", "null", "http://localhost:3000", "app://x.y",
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["buqi", "https://x/buqi", "/v1", "/docs/", "/"])
def test_a_path_that_no_proxy_can_take_off_is_refused(path):
    with pytest.raises(UsageError, match="expected a path of the proxy"):
        _root_path(path)
