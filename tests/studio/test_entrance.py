"""Who may come in, and how much they may bring."""

from __future__ import annotations

import httpx
import pytest
from fastapi.testclient import TestClient

from buqi.serve.settings import ServiceSettings
from buqi.studio.app import create_app
from tests.conftest import pairs, write_jsonl


@pytest.fixture(scope="module")
def app(tmp_path_factory, tuned):
    from buqi.studio.studio import Studio, StudioSettings

    folder = tmp_path_factory.mktemp("studio")
    studio = Studio(StudioSettings(folder, "embedded", upload_bytes=1000))
    write_jsonl(studio.folder.data / "a" / "train.json", pairs(3))
    (studio.folder.runs / "r").symlink_to(tuned / "out")
    (studio.folder.configs / "r.json").write_text("{}")
    (studio.folder.reports / "p.html").write_text("<p>")
    service = ServiceSettings(data=folder, upload_bytes=1000, body_bytes=500, hosts=("127.0.0.1",))
    return lambda token="": create_app(studio, service, token)


@pytest.fixture(scope="module")
def client(app):
    return TestClient(app(), base_url="http://127.0.0.1", follow_redirects=False)


def test_both_pages_load_nothing_from_elsewhere(client):
    for language, title in (("zh", "补齐工作室"), ("en", "buqi studio")):
        found = client.get(f"/{language}/")
        assert found.status_code == 200 and title in found.text
        assert "default-src 'self'" in found.headers["content-security-policy"]
        assert "fonts.googleapis" not in found.text and "cdnjs" not in found.text
    for accepted, page in (("zh-CN", "/zh/"), ("en-GB", "/en/")):
        assert client.get("/", headers={"accept-language": accepted}).headers["location"] == page


def test_other_names_and_pages_of_other_sites_are_turned_away(client):
    assert client.get("/zh/", headers={"host": "evil.example"}).status_code == 403
    foreign = {"origin": "http://evil.example"}
    assert client.post("/zh/gradio_api/queue/join", headers=foreign, json={}).status_code == 403


def test_bodies_are_limited(client):
    sent = {"files": ("a.csv", b"x" * 2000)}
    assert client.post("/zh/gradio_api/upload", files=sent).status_code in (413, 400)
    most = 101_500
    assert client.post("/zh/gradio_api/upload", files={"files": ("a.csv", b"x" * most)}).status_code == 413
    assert client.post("/zh/gradio_api/queue/join", content=b"x" * 501).status_code == 413


def test_files(client):
    assert client.get("/files/adapter/r.zip").content.startswith(b"PK")
    assert client.get("/files/config/r.json").headers["content-disposition"].startswith("attachment")
    assert "content-disposition" not in client.get("/files/report/p.html").headers
    for path in (
        "adapter/none.zip",
        "config/..%2F..%2Fx",
        "config/.x",
        "data/a/train.json",
        "address/a/b/c",
        "x/r.json",
    ):
        assert client.get(f"/files/{path}").status_code == 404, path


def test_a_token_is_asked_for_and_kept(app):
    client = TestClient(app("secret"), base_url="http://127.0.0.1", follow_redirects=False)
    assert client.get("/zh/").status_code == client.get("/?token=wrong").status_code == 401
    assert client.get("/zh/", headers={"cookie": "buqi_studio=wrong"}).status_code == 401
    found: httpx.Response = client.get("/?token=secret")
    assert found.status_code == 307 and "httponly" in found.headers["set-cookie"].lower()
    assert client.get("/zh/").status_code == 200  # with the cookie
