"""The reference names every field, column, request and damage that there is."""

from __future__ import annotations

import json
import re
from typing import get_type_hints

import buqi
from buqi.address import Completion
from buqi.bulk.fields import ADDED
from buqi.serve.app import create_app
from tests.docs.pages import FENCE, ROOT

REFERENCE = ROOT / "docs" / "reference"


def section(page: str, title: str) -> str:
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return re.split(r"^## ", text.split(f"## {title}\n")[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_fields_of_a_completion():
    shown = section("formats.md", "Completion")
    for field in Completion(input="x", full="x").as_json():
        assert f'"{field}"' in shown


def test_the_completion_shown_is_what_comes_out(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path))
    shown = json.loads(section("formats.md", "Completion").split("```")[1].removeprefix("json"))
    assert buqi.complete(shown["input"]).as_json() == shown


def test_the_traced_address_ends_as_shown(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path))
    page = (REFERENCE.parent / "background" / "design.md").read_text(encoding="utf-8")
    (shown,) = [json.loads(block) for language, block in FENCE.findall(page) if language == "json"]
    found = buqi.complete("朝阳区建国路88号").as_json()
    assert {key: found[key] for key in shown} == shown


def test_added_columns():
    shown = section("formats.md", "Added columns")
    for column in ADDED:
        assert f"`{column}`" in shown


def test_requests(tmp_path):
    settings = get_type_hints(create_app)["settings"]
    described = create_app(settings(data=tmp_path)).openapi()["paths"]
    asked = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods} | {"GET /"}
    text = (REFERENCE / "http.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`((?:GET|POST|PUT|DELETE) /\S*)`", text)) == asked
