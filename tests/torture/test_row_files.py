"""Row files, configurations and chats with something wrong in them: one clear refusal, or everything is read."""

from __future__ import annotations

import codecs
import json
import os
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from buqi.config import load_config
from buqi.errors import BuqiError
from buqi.rows import read_rows
from buqi.rows.cells import cells_of
from buqi.rows.importing import import_rows_of
from buqi.serve.schemas import AT_REST, EMPTY, SAYS_NOTHING, ChatRequest

MANY = int(os.environ.get("BUQI_MUTATIONS", "150"))
LOOKED_AT = settings(max_examples=MANY)
MARK = re.compile(r"mark\d{4}")  # in every row, so that a row that is lost is seen
PLACES = ["碑林区", "a, b", 'a "quoted" word', "<|im_end|>", "1号\\n2号", "ｆｕｌｌ，width", "🙂", "x\ty", "'"]
INSERTED = [
    *(bytes([byte]) for byte in b"\"'[]{},:\n\r\t\\\x00\x1f\xff\x80#"), b"\r\n", b"}{", b"][", b"null", b"NaN",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xc2\xa0", b"\xe2\x80\x9c", b"\xef\xbc\x8c", b"\xef\xbc\x9a", b"\xe2\x80\xa8",
    b"\\ud83d", b"\\u0000", b'"src": "x", ', b'"label": [0], ', b'{"src": "mark9999", "tgt": "b"}\n', b'["mark9998"]',
    b"9" * 5000, b"[" * 3000, b'{"src":' * 3000, "陕西省".encode("gbk"), "陕西省西安".encode(),
]  # fmt: skip
TEXT = st.sampled_from(PLACES)
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def records(places, kind):
    for number, place in enumerate(places):
        text = f"mark{number:04} {place}"
        if kind == "messages":
            yield {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": place}]}
        elif kind == "turns":
            yield {"src": [place, text], "tgt": [place, place], "label": [0, 1]}
        else:
            yield {"src": text, "tgt": place}


def written(found, form):
    lines = [json.dumps(record, ensure_ascii=False) for record in found]
    if form == "lines":
        return "\n".join(lines)
    if form == "array":
        return "[" + ",\n".join(lines) + "]"
    if form == "arrays":
        return "\n".join(f"[{line}]" for line in lines)
    if form == "objects":
        return "\n".join(json.dumps(record, ensure_ascii=False, indent=1) for record in found)
    cells = [[str(record.get("src")), str(record.get("tgt"))] for record in found]
    return "src,tgt\n" + "\n".join(",".join('"' + c.replace('"', '""') + '"' for c in row) for row in cells)


@st.composite
def files(draw):
    kind, form = draw(st.sampled_from(["plain", "messages", "turns"])), None
    form = draw(st.sampled_from(["lines", "array", "arrays", "objects"] + ["csv"] * (kind == "plain")))
    made = list(records(draw(st.lists(TEXT, min_size=1, max_size=8)), kind))
    data = written(made, form).encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])))
    return form, mutated(draw, data)


def mutated(draw, data):
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        end = min(len(data), at + draw(st.integers(0, 40)))
        what = draw(st.sampled_from(["insert", "delete", "double", "cut", "flip", "again"]))
        if what == "insert":
            data = data[:at] + draw(st.sampled_from(INSERTED)) + data[at:]
        elif what == "delete":
            data = data[:at] + data[end:]
        elif what == "double":
            data = data[:end] + data[at:]
        elif what == "cut":
            data = data[:end]
        elif what == "flip" and at < len(data):
            data = data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1 :]
        elif what == "again":
            data = data + b"\n" + data
    return data


def marks_in(data):
    """Return the marks that are whole in a file; in UTF-16 one that is moved by a byte is other characters."""
    wide = data.startswith(codecs.BOM_UTF16_LE) or data.count(0) > len(data) // 4
    return set(MARK.findall(data.decode("utf-16-le" if wide else "latin-1", "replace")))


def outcome(function, *given):
    """Return what a function returned, and what it said if it refused; anything else is a defect."""
    try:
        return function(*given), ""
    except BuqiError as error:
        return None, str(error)


@LOOKED_AT
@given(file=files())
def test_a_rows_file_is_read_whole_or_refused(tmp_path_factory, file):
    form, data = file
    path = tmp_path_factory.mktemp("m", numbered=True) / ("rows.csv" if form == "csv" else "rows.json")
    path.write_bytes(data)
    marks = marks_in(data)
    rows, said = outcome(read_rows, path) if form != "csv" else (None, f"{path}")
    assert str(path) in said if rows is None else marks <= marks_of([row.as_json() for row in rows])
    cells, said = outcome(cells_of, path)
    assert str(path) in said if cells is None else marks <= marks_of([*cells.columns, *cells.columns.values()])
    found, said = outcome(import_rows_of, path, None, None, None)
    if found is None:
        assert cells is not None or str(path) in said
        return
    assert cells is None or found.read == len(cells.lines)
    assert found.read == len(found.rows) + len(found.named)
    assert all(line.startswith(f"{path}:") for line in found.named)
    assert found.named or marks <= marks_of([row.as_json() for row in found.rows]) | marks_of(list(cells.columns))


def marks_of(value):
    return set(MARK.findall(json.dumps(value)))


CONFIG = (Path(__file__).parents[2] / "configs" / "lora_argument_0p5b.json").read_bytes()
YAML = b"do_train: true\nlora: true\noutput_dir: o\ndataset_name_or_path: d\ntarget_modules: [q_proj]\nseed: 3\n"
WORD = st.text(max_size=12) | st.sampled_from(["--lora", "--seed", "all", "[", "1e-4"])


@LOOKED_AT
@given(data=st.data(), kind=st.sampled_from(["json", "yaml"]))
def test_a_configuration_is_read_or_refused(tmp_path_factory, data, kind):
    path = tmp_path_factory.mktemp("c", numbered=True) / f"c.{kind}"
    path.write_bytes(mutated(data.draw, CONFIG if kind == "json" else YAML))
    config, said = outcome(load_config, path, data.draw(st.lists(WORD, max_size=3)))
    assert said if config is None else config.output_dir and config.model_dump_json()


FIELDS = st.sampled_from([*ChatRequest.model_fields, "top_k", "tools", "logit_bias", "é\r\nX: y", "user"])


@LOOKED_AT
@given(changes=st.dictionaries(FIELDS, VALUE, max_size=5))
def test_a_chat_is_read_or_refused(changes):
    plain = {"model": "base", "messages": [{"role": "user", "content": "a"}]}
    try:
        asked = ChatRequest.model_validate_json(json.dumps(plain | changes))
    except ValidationError:
        return
    assert all(isinstance(message.plain()["content"], str) for message in asked.messages)
    assert all(asked.stops) and asked.without_effect.isascii() and "\n" not in asked.without_effect
    known = {*ChatRequest.model_fields, *SAYS_NOTHING}
    unknown = [key for key in changes if key not in known and changes[key] not in AT_REST.get(key, EMPTY)]
    assert ("not known here" in asked.without_effect) == bool(unknown)
