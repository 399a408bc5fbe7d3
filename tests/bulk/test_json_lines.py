"""A line keeps its own text; keys are written behind its last."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from buqi.bulk.json_lines import NO_OBJECT, JsonLines
from buqi.errors import UsageError


def written(tmp_path: Path, data: bytes, fields: list[tuple], filled: tuple[str, ...] = ()) -> list[bytes]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    file = JsonLines(path, ("full",))
    file.filled = filled
    (piece,) = file.pieces(100, ["a"])
    file.write(tmp_path / "part", piece, fields, safe=False)
    file.join([tmp_path / "part"], tmp_path / "out", safe=False)
    return (tmp_path / "out").read_bytes().splitlines(keepends=True)


def test_numbers_spaces_and_repeated_keys_stay(tmp_path):
    lines = [b'{"a": 1.10, "b":1E5,  "a": "x"}\r\n', b"\n", b'{"a": 1e400}\n', b"{}"]
    found = written(tmp_path, b"".join(lines), [("one",), ("two",), ("three",)])
    assert found == [b'{"a": 1.10, "b":1E5,  "a": "x", "full": "one"}\r\n', b"\n", b'{"a": 1e400, "full": "two"}\n',
                     b'{"full": "three"}']  # fmt: skip


def test_a_line_that_is_no_object_is_kept_as_text(tmp_path):
    found = written(tmp_path, b'{"a": 1}\n[1]\n' + b"[" * 100_000 + b"\n", [("x",), ("y",), ("z",)])
    assert json.loads(found[1]) == {"line": "[1]", "full": "y", "notes": NO_OBJECT}
    assert json.loads(found[2])["notes"] == NO_OBJECT


def test_an_own_key_is_filled_and_a_taken_name_is_passed_by(tmp_path):
    found = written(tmp_path, b'{"a": null, "full": 3}\n{"a": "b"}\n', [("town", "x"), (None, "y")], ("a",))
    assert json.loads(found[0])["a"] == "town" and json.loads(found[0])["full"] == 3
    assert found[1] == b'{"a": "b", "full": "y"}\n'


def test_filling_changes_no_other_text(tmp_path):
    line = '\ufeff{"n": 1.10, "x" :1e400, "k":1,"k":2, "a":"p","a": "" , "l":%s,"s":"\\u4e00}"} \r\n' % ("9" * 5000)
    after = line.replace('"a": ""', '"a": "城"').replace('"} ', '", "b": "town", "full": "x"} ')
    assert written(tmp_path, line.encode(), [("城", "town", "x")], ("a", "b")) == [after.encode()]


def test_the_mark_of_a_first_line_that_is_no_object_stays(tmp_path):
    assert written(tmp_path, '\ufeffx\n{"a": 1}\n'.encode(), [("x",), ("y",)])[0].startswith(
        b'\xef\xbb\xbf{"line": "x"'
    )


def test_numbers_of_lines_and_a_file_without_objects(tmp_path):
    path = tmp_path / "b.jsonl"
    path.write_text('\n{"a": 1}\n\n{"a": 2}\n')
    assert [piece.numbers for piece in JsonLines(path).pieces(1, ["a"])] == [[2], [4]]
    path.write_text("1\n2\n")
    with pytest.raises(UsageError, match="no line of it is a JSON object"):
        JsonLines(path)
