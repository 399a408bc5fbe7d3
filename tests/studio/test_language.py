"""Gradio's own words are those of the page, whatever the browser speaks."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from buqi.serve.settings import ServiceSettings
from buqi.studio.app import create_app
from buqi.studio.language import script_of


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
