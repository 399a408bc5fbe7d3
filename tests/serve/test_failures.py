"""Every failure has the one shape that clients know, also one of the service itself."""

from __future__ import annotations

import errno

import pytest


@pytest.mark.parametrize(
    ("content", "kind", "status", "said"),
    [
        (b'{"text": "x"}', "application/x-www-form-urlencoded", 415, "send the header Content-Type: application/json"),
        (b"", "", 415, "send the header Content-Type: application/json"),
        (b"[1]", "application/json", 422, "the body must be a JSON object"),
        (b'"x"', "application/json; charset=utf-8", 422, "the body must be a JSON object"),
    ],
)
def test_a_body_that_is_no_json_object_is_told_what_to_be(client, content, kind, status, said):
    found = client.post("/v1/complete", content=content, headers={"Content-Type": kind} if kind else {})
    assert found.status_code == status and said in found.json()["error"]["message"]


def test_a_path_that_is_not_there_leads_to_the_list_of_all(client):
    for found in (client.get("/v1/completions"), client.get("/v1/complete")):
        assert found.status_code in (404, 405) and "/docs lists" in found.json()["error"]["message"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OSError(errno.EIO, "Input/output error", "/secret/jobs.sqlite"), 500, "internal"),
        (OSError(errno.ENOSPC, "No space left on device", "/secret/jobs.sqlite"), 507, "no_room"),
        (ValueError("a secret"), 500, "internal"),
    ],
)
def test_an_error_of_the_service_tells_nothing_of_it(client, served, monkeypatch, error, status, code):
    def fails(owner):
        raise error

    monkeypatch.setattr(served[1].jobs.store, "shown", fails)
    found = client.get("/v1/jobs")
    assert found.status_code == status and found.json()["error"]["code"] == code and "secret" not in found.text


def test_a_path_without_its_version_leads_to_the_one_that_has_it(client):
    assert "but /v1/chat/completions is one" in client.post("/chat/completions").json()["error"]["message"]
    assert "is one" not in client.get("/chat").json()["error"]["message"]


def test_a_wrong_method_is_named(client):
    assert client.get("/v1/complete").json()["error"]["message"].startswith("GET is not for this path")


def test_a_body_in_another_encoding_is_told_apart(client):
    body = '{"text": "扶风"}'.encode("gbk")
    found = client.post("/v1/complete", content=body, headers={"Content-Type": "application/json"})
    assert found.status_code == 400 and "not UTF-8" in found.json()["error"]["message"]
