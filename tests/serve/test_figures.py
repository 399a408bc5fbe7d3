"""What Prometheus reads: counts, and nothing of the texts."""

from __future__ import annotations


def test_figures(client):
    client.post("/v1/complete", json={"text": "碑林区1号"})
    text = client.get("/metrics").text
    assert 'buqi_requests_total{method="POST",route="/v1/complete",status="200"}' in text
    assert 'buqi_addresses_total{status="partial"}' in text and "process_resident_memory_bytes" in text
    assert "碑林区" not in text
