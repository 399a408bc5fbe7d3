"""Who may come in, and how much they may bring."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from fastapi.testclient import TestClient

from buqi.serve.settings import ServiceSettings
from buqi.studio.app import create_app
from tests.conftest import pairs, write_jsonl
from tests.torture.full_disk import full


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


def uploaded(client, language: str = "zh", size: int = 10):
    return client.post(f"/{language}/gradio_api/upload", files={"files": ("a.csv", b"x" * size)})


def test_a_refused_upload_is_one_sentence_in_the_language_of_the_page(client):
    assert uploaded(client).status_code == 200
    for language, said in (("zh", "文件太大，最大 0 MB"), ("en", "the file is too large; at most 0 MB")):
        for size in (2000, 101_500):  # Gradio's own limit, and the entrance's
            found = uploaded(client, language, size)
            assert found.status_code == 413 and found.text.startswith(said), found.text


def test_an_upload_on_a_full_disk_is_one_sentence_and_leaves_nothing(app, monkeypatch):
    client, uploads = TestClient(app(), base_url="http://127.0.0.1"), Path(os.environ["GRADIO_TEMP_DIR"])
    before = sorted(uploads.rglob("*"))
    with monkeypatch.context() as patch:  # it is seen before anything comes
        patch.setattr("buqi.studio.entrance.disk_usage", lambda _: SimpleNamespace(free=1_000_005))
        assert uploaded(client).status_code == 507 and sorted(uploads.rglob("*")) == before
    with monkeypatch.context() as patch:  # or it is filled meanwhile
        patch.setattr("gradio.route_utils.NamedTemporaryFile", full)
        for language, said in (("zh", "磁盘已满。已有的内容都还在；请腾出空间再试。"), ("en", "no room on the disk")):
            found = uploaded(client, language)
            assert (found.status_code, found.text) == (507, said)
    assert uploaded(client).status_code == 200


def test_what_uploads_that_were_cut_off_have_left_is_removed_at_the_next_start(studio):
    for name in ("tmpabc", "kept.csv"):
        (studio.folder.uploads / name).write_text("x")
    studio.start()
    studio.stop()
    assert [path.name for path in studio.folder.uploads.iterdir()] == ["kept.csv"]


def test_who_opens_a_page_that_is_refused_reads_a_sentence(app):
    client = TestClient(app("secret"), base_url="http://127.0.0.1", follow_redirects=False)
    browser = {"accept": "text/html,*/*"}
    assert "请打开 buqi studio 启动时打印的网址" in client.get("/zh/", headers=browser).text
    assert client.get("/en/", headers=browser).text.startswith("open the address that buqi studio printed")
    for language, said in (("zh-CN", "请打开"), ("en-GB", "open the address")):
        assert client.get("/", headers=browser | {"accept-language": language}).text.startswith(said)
    assert client.get("/zh/", headers={"accept": "*/*"}).json()["error"]["code"] == "no_token"
    client.cookies["buqi_studio"] = "secret"
    assert client.get("/files/adapter/none.zip", headers=browser).text == "没有这个文件"


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
