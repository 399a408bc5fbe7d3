"""Gradio's own words are those of the page, whatever the browser speaks."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from buqi.serve.settings import ServiceSettings
from buqi.studio.app import create_app
from buqi.studio.language import script_of
from tests.browser import open_browser
from tests.studio.test_whole_way import Visit

SIDES = "(box => [box.left, box.right])(document.querySelector('.gradio-container').getBoundingClientRect())"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_language_is_said_before_any_other_script(studio, language, tmp_path):
    service = ServiceSettings(data=tmp_path, hosts=("127.0.0.1",))
    client = TestClient(create_app(studio, service), base_url="http://127.0.0.1")
    for packing in ("identity", "br, gzip"):
        found = client.get(f"/{language}/", headers={"accept-encoding": packing})
        assert found.status_code == 200 and len(found.content) == int(found.headers["content-length"])
        first = found.text[found.text.index("<script") :]
        assert first.startswith(script_of(language))
    assert client.head(f"/{language}/").status_code < 500


def test_what_gradio_says_by_itself_is_in_the_language_of_the_page(server, tmp_path):
    """While one waits, after an error, and of a file that is no table."""
    (tmp_path / "a.exe").write_text("a")
    with open_browser() as browser:
        visit = Visit(browser, server.address)
        visit.open()
        visit.page.set_viewport_size({"width": 1600, "height": 800})
        left, right = visit.page.evaluate(SIDES)
        assert abs(left - (1600 - right)) < 20, "the page stands in the middle of a wide window"
        visit.page.evaluate(WATCH)
        visit.page.set_input_files("#data-file input[type=file]", str(tmp_path / "a.exe"))
        toast = visit.page.locator("[data-testid=toast-text]").first
        toast.wait_for()
        assert toast.inner_text().startswith("a.exe：不能读 .exe")
        assert visit.page.locator("[data-testid=status-tracker] .error:visible").count() == 0, "the message says it"
        waited = visit.page.evaluate("[...seen]")
        assert waited == ['"请稍候……" 0px'], "Gradio's English words have no size"
        visit.end()


WATCH = """() => {
    window.seen = new Set();
    new MutationObserver(() => document.querySelectorAll('.progress-text').forEach(e => seen.add(
        getComputedStyle(e, '::before').content + ' ' + getComputedStyle(e).fontSize
    ))).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
