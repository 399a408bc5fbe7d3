"""Lists that follow the folder, jobs as lines, and errors as one message."""

from __future__ import annotations

import gradio as gr
import pytest

from buqi.errors import BuqiError
from buqi.studio.page import _chosen, download, say, told


def test_a_list_keeps_its_choice_as_long_as_it_is_there():
    assert _chosen("b", ["a", "b"])["value"] == "b"
    assert _chosen("gone", ["a", "b"])["value"] == "a" == _chosen(None, [("A", "a")])["value"]
    assert _chosen("b", [])["value"] is None


def test_an_error_is_one_message_that_runs_nothing():
    def fails(message: str) -> None:
        raise BuqiError(message)

    with pytest.raises(gr.Error) as raised:
        told(fails)("<script>alert(1)</script>")
    assert "&lt;script&gt;" in str(raised.value) and "<script>" not in str(raised.value)
    assert told(lambda: 3)() == 3
    with pytest.raises(ZeroDivisionError):  # a defect is no message for the user
        told(lambda: 1 / 0)()
    say("nobody is there")


def test_jobs_are_lines_with_their_end(page):
    queue = page.studio.queue
    queue.add("merge", "<b>", ["--version"], page.studio.folder.models / "m")
    assert page.work("train") == "" and "&lt;b&gt; · waiting" in page.work("merge")
    assert download("config", "a.json", "save") == '<a href="/files/config/a.json" download="a.json">save</a>'
