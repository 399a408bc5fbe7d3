"""Addresses over HTTP are completed as by the command."""

from __future__ import annotations

import json
import logging

from fastapi.testclient import TestClient

from buqi.address.completer import Completer
from buqi.serve import ServiceSettings, create_app
from tests.serve.conftest import TEXTS


def test_addresses_are_completed_as_by_the_command(client):
    found = client.post("/v1/complete", json={"texts": TEXTS}).json()["completions"]
    assert found == [json.loads(json.dumps(c.as_json())) for c in Completer().complete_all(TEXTS)]
    one = client.post("/v1/complete", json={"text": TEXTS[0]}).json()["completions"]
    assert one == found[:1] and one[0]["county"] == "碑林区"


def test_name_and_telephone_are_read_apart_where_asked(client):
    line = "王小明 18291234567 扶风法门镇法门寺"
    (found,) = client.post("/v1/complete", json={"text": line, "contact": True}).json()["completions"]
    assert (found["name"], found["phone"], found["full"]) == ("王小明", "18291234567", "陕西省宝鸡市扶风县法门镇法门寺")
    assert "phone" not in client.post("/v1/complete", json={"text": line}).json()["completions"][0]


def test_the_log_has_addresses_without_contacts(tmp_path, caplog):
    line = "王小明 18291234567 扶风法门镇法门寺"
    with (
        caplog.at_level(logging.INFO, "buqi"),
        TestClient(create_app(ServiceSettings(data=tmp_path, log_text=True)), "http://localhost") as client,
    ):
        client.post("/v1/complete", json={"text": line, "contact": True})
        client.post("/v1/complete", json={"text": line})
    assert caplog.text.count("扶风法门镇法门寺") == 2
    assert "王小明" not in caplog.text and "18291234567" not in caplog.text
