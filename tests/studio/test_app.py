"""The page in both languages, and which files it gives out."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from buqi.serve.settings import ServiceSettings
from buqi.studio.app import TABS, build, create_app
from buqi.studio.texts import LANGUAGES, Texts

NOT_GIVEN = (
    "config/out.json", "config/.hidden", "config/../secret.json", "config/%2e%2e/secret.json", "config/x/a.csv",
    "other/a.json", "adapter/none.zip", "adapter/..%2f..", "address/x/../../secret.json",
    f"config/{'a' * 300}", f"address/{'a' * 300}/b", f"adapter/{'a' * 300}.zip",
)  # fmt: skip


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_every_tab_is_on_the_page(studio, language):
    shown = str(build(studio, language).get_config_file())
    for name, _ in TABS:
        assert f"tab-{name}" in shown and Texts(language)(f"tab_{name}") in shown


def test_only_files_of_the_studio_are_given_out(studio):
    folder = studio.folder
    (folder.root / "secret.json").write_text("{}")
    (folder.configs / "out.json").symlink_to(folder.root / "secret.json")
    (folder.configs / "a.json").write_text("{}")
    (folder.configs / ".hidden").write_text("{}")
    (folder.addresses / "x").mkdir()
    (folder.addresses / "x" / "a.csv").write_text("a")
    client = TestClient(create_app(studio, ServiceSettings(data=folder.root, hosts=("127.0.0.1",))),
                        base_url="http://127.0.0.1")  # fmt: skip
    assert client.get("/files/config/a.json").text == "{}" and client.get("/files/address/x/a.csv").text == "a"
    for name in NOT_GIVEN:
        assert client.get(f"/files/{name}").status_code == 404, name
