"""Switches show no type, and a value behind one is refused."""

from __future__ import annotations

import re

import pytest

from tests.helpers import buqi


@pytest.mark.parametrize("words", [["complete"], ["train"], ["cache", "show"], ["cache"], []])
def test_help_shows_switches_without_a_type(words):
    shown = buqi(*words, "--help").stdout
    assert "--help" in shown and "bool" not in shown


def test_help_begins_with_what_the_readme_begins_with():
    assert "completes damaged Chinese addresses" in " ".join(buqi("--help").stdout.split())


@pytest.mark.parametrize(
    "words", [["complete", "--contact", "true", "x"], ["complete", "--no_cache", "False"], ["train", "--check", "true"]]
)
def test_a_value_behind_a_switch_is_refused(words):
    said = buqi(*words, code=2).stderr
    assert f"{words[1]} takes no value" in said.replace("-cache", "_cache")


def test_the_word_may_still_be_an_address():
    assert "true" in buqi("complete", "--mode", "match", "--contact", "--", "true").stdout


def test_help_shows_names_of_options_as_the_documents_do():
    shown = buqi("serve", "--help").stdout
    for words in (["evaluate"], ["places", "learn"], ["data", "import"], ["train"]):
        assert not re.search(r"--[a-z]+-[a-z]", buqi(*words, "--help").stdout)
    assert "--adapters_dir" in shown and "--at_once" in shown and "--adapters-dir" not in shown


def test_names_are_understood_with_either_sign_and_proposed_with_one():
    for words in (["import-paddle", "--output-path"], ["import_paddle", "--output_path"]):
        assert "Missing argument" in buqi(*words, "x", code=2).stderr
    said = " ".join(buqi("complete", "--max-new-token", 5, code=2).stderr.split())
    assert "--max_new_tokens" in said and "--max-new-tokens" not in said
