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


def test_a_body_that_asks_nothing_is_told_what_is_needed(client):
    def told(body: str) -> tuple[int, str]:
        reply = client.post("/v1/complete", content=body, headers={"Content-Type": "application/json"})
        return reply.status_code, reply.json()["error"]["message"]

    status, message = told("{bad")
    assert status == 400 and message.startswith("the body is not JSON: ") and message.endswith("at character 1")
    assert told('{"txt": "a"}') == (422, "text or texts is needed (or rows, or levels); not known: txt")
    assert told("{}") == (422, "text or texts is needed (or rows, or levels)")
    assert told('{"text": "a", "txt": "a"}') == (422, "txt: no such field")
    assert told('{"text": "a", "texts": []}') == (422, "give one of text (with levels or not), texts, rows")


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


def test_levels_may_stand_in_fields_of_their_own(client):
    row = {"province": "陕西", "city": "西安", "county": "碑林区", "text": "长乐路1号"}
    (found,) = client.post("/v1/complete", json=row).json()["completions"]
    assert (found["full"], found["notes"]) == ("陕西省西安市碑林区长乐路1号", [])
    wrong = {"province": "浙江省", "city": "西安市", "county": "碑林区", "text": "长乐路1号"}
    rows = [wrong, {"text": "-"}, {"county": "余杭区", "text": "文一西路969号"}, {"province": "61", "city": "610100"}]
    many = client.post("/v1/complete", json={"rows": rows}).json()["completions"]
    assert [answer["full"] for answer in many] == [
        "陕西省西安市碑林区长乐路1号", "-", "浙江省杭州市余杭区文一西路969号", "陕西省西安市",
    ]  # fmt: skip
    assert "province 浙江省: contradicts 陕西省" in many[0]["notes"]


def test_fields_are_limited_as_texts_are(client):
    wrong = [{"texts": ["a"], "city": "西安"}, {}, {"rows": []}, {"rows": [{"road": "b"}]}, {"city": "\ud83d"}]
    headers = {"content-type": "application/json"}  # httpx writes no half character
    sent = [client.post("/v1/complete", content=json.dumps(body), headers=headers) for body in wrong]
    assert [answer.status_code for answer in sent] == [422] * 5
    assert client.post("/v1/complete", json={"city": "西" * 300, "text": "安" * 300}).status_code == 413
