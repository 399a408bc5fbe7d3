"""JSON as people send it: what stands for another character is named, and a key given twice is found."""

from __future__ import annotations

import json
import time

import pytest

from buqi.json_text import Written, json_line, no_plain_yaml, plain_spaces, repeated_in, said_of, with_repeats


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n“lora”： true}', '“ (U+201C, left double quotation mark) stands where JSON has "'),
        ('{"lora"： true}', "： (U+FF1A, fullwidth colon) stands where JSON has :"),
        ('{"lora": true，"output_dir": "o"}', "， (U+FF0C, fullwidth comma) stands where JSON has ,"),
        ("{'lora': true}", "' (U+0027, apostrophe) stands where JSON has \""),
        ('{"lora": True}', "True stands where JSON has true"),
        ('{"seed": ３}', "３ (U+FF13, fullwidth digit three) stands where JSON has 3"),
        ('{"lora": "it’s', "Unterminated string starting at, column 10"),
        ('{"lora": true,, "output_dir": "，"}', "Expecting property name enclosed in double quotes, column 15"),
        ('{"src": "a"， "tgt": "b"}', "， (U+FF0C, fullwidth comma) stands where JSON has ,"),
        ('{"src": "a"}{"src": "c"}', "another object stands behind the first; put it on a line of its own"),
        ('{"src": "a"},', "a comma stands behind the object; take it out"),
        ('{"src": "a"} x', "Extra data, column 14"),
        ("\0\0", "a zero byte (U+0000) stands there: the file was cut off or is damaged"),
    ],
)  # fmt: skip
def test_punctuation_of_an_input_method_is_named(text, said):
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(text)
    assert said_of(caught.value) == said


def test_spaces_of_web_pages_are_plain_outside_of_strings():
    assert plain_spaces('{\u00a0"a\u00a0b":\u3000"c"}') == '{ "a\u00a0b": "c"}'


def test_keys_given_twice_are_found_at_any_depth():
    def read(text: str) -> object:
        return json.loads(text, object_pairs_hook=with_repeats)

    assert repeated_in(read('{"a": 1, "b": [{"c": 2}]}')) == ()
    assert repeated_in(read('{"b": 1, "a": 1, "b": 2, "a": 2}')) == ("a", "b")
    assert repeated_in(read('[{"a": {"c": 1, "c": 1}}]')) == ("c",)


def test_one_of_many_keys_given_twice_is_found_at_once():
    began = time.process_time()
    assert with_repeats([(f"k{n % 99_999}", n) for n in range(100_000)]).twice == ("k0",)
    assert time.process_time() - began < 5


def test_odd_characters_of_yaml_are_named():
    assert no_plain_yaml("a: “b” c：d\n# ：\n") == ""
    assert no_plain_yaml("a: 1\n- \u00a0b: 2") == "line 2: U+00A0 (no-break space) stands where YAML has a space"
    assert no_plain_yaml("a：1") == "line 1: U+FF1A (fullwidth colon) stands where YAML has :"


def test_a_line_of_json_holds_only_what_json_has():
    record = {"a": [float("nan"), 1.5, {"b": float("inf")}], "c": b"x", "d": "省"}
    assert json_line(record) == '{"a": [null, 1.5, {"b": null}], "c": "x", "d": "省"}\n'.encode()


def test_a_number_knows_how_it_was_written():
    (number,) = json.loads("[1.10]", parse_float=Written)
    assert number == 1.1 and str(number) == "1.10" and json.dumps(number) == "1.1"
