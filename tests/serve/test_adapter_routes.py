"""Adapters come and go while the service runs."""

from __future__ import annotations


def test_adapters_come_and_go(client):
    assert client.post("/v1/adapters/second", json={"folder": "more"}).status_code == 200
    listed = {a["name"]: a for a in client.get("/v1/adapters").json()}
    assert set(listed) == {"tuned", "second"} and listed["second"]["bytes"] > 1000 and listed["second"]["curve"]
    assert client.get("/v1/adapters/second/curve").content[:4] == b"\x89PNG"
    ask = {"model": "second", "messages": [{"role": "user", "content": "say 1"}], "max_tokens": 4}
    assert client.post("/v1/chat/completions", json=ask).status_code == 200
    full = client.post("/v1/adapters/third", json={"folder": "more"})
    assert full.status_code == 409 and "no more than 2" in full.json()["error"]["message"]
    assert client.delete("/v1/adapters/second").status_code == 204
    assert client.delete("/v1/adapters/second").status_code == 404
    assert client.post("/v1/chat/completions", json=ask).status_code == 404
