from __future__ import annotations

import re

import pytest

from buqi.config import load_config
from buqi.config.files import strip_comments
from buqi.errors import UsageError


def test_comments_go_and_strings_stay():
    text = '{"a": "x#y//z", # one\n "b": 1 // two\n}'
    assert strip_comments(text).split("\n")[0] == '{"a": "x#y//z", '
    assert "two" not in strip_comments(text)
    assert strip_comments('{/* a\n // b */ "/*": 1 /* c */}') == '{\n "/*": 1 }'


def test_broken_json_names_the_line(tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{\n "a": 1\n "b": 2\n}')
    with pytest.raises(UsageError, match=r"c\.json:3: not JSON \(Expecting ',' delimiter, column 2\): \"b\": 2"):
        load_config(path)
    path.write_text("{\n“lora”： true}")
    with pytest.raises(
        UsageError, match=r"c\.json:2: not JSON \(“ \(U\+201C, left double quotation mark\) stands where"
    ):
        load_config(path)
    path.write_text('{\n "a": 1, # one\n\n}')
    with pytest.raises(
        UsageError, match=r"c\.json:2: not JSON \(the comma before } is one too many, column 8\): \"a\": 1"
    ):
        load_config(path)
    path.write_text('{"a": 1, "a": 2}')
    with pytest.raises(UsageError, match="given twice"):
        load_config(path)


def test_yaml_is_read_as_json(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("dataset_name_or_path: d\noutput_dir: o\ndo_train: true\nlora: true\nlearning_rate: 3e-4\n")
    assert load_config(path).learning_rate == 3e-4
    path.write_text("lora: true\nlora: false\n")
    with pytest.raises(UsageError, match="given twice"):
        load_config(path)
    path.write_text("- a\n")
    with pytest.raises(UsageError, match="mapping"):
        load_config(path)


@pytest.mark.parametrize(
    "text",
    ["[1]: 2", "? {a: 1}\n: 2", "a: !!bool x", "a: !!timestamp x", "a: !!map [1]", "a: 2020-13-45", "a: " + "[" * 1000],
)
def test_yaml_that_is_odd_ends_in_a_sentence(tmp_path, text):
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(UsageError, match="c.yaml: (not YAML|a list as a key|a dict as a key)"):
        load_config(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\n\tb: 2", "line 2: found a tab; write spaces"),
        ("a: [1, 2\nb: 3", "line 2: expected ',' or ']'"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "line 3: merge keys (<<) are not read"),
        ("lora:\u00a0true\n", "line 1: U+00A0 (no-break space) stands where YAML has a space"),
    ],
)
def test_where_yaml_is_wrong_is_told(tmp_path, text, said):
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(UsageError, match=re.escape(said)):
        load_config(tmp_path / "c.yaml")


def test_json_that_is_odd_ends_in_a_sentence(tmp_path):
    for text in ("[" * 100_000, '{"a": ' + "9" * 5000 + "}"):
        (tmp_path / "c.json").write_text(text)
        with pytest.raises(UsageError, match="not JSON"):
            load_config(tmp_path / "c.json")
        with pytest.raises(UsageError, match="expected a JSON list"):
            load_config(None, ["--target_modules", f"[{text[6:-1]}]"])
