"""What a service says of itself."""

from __future__ import annotations


def test_a_service_that_works_says_so(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200 and ready.json() == {"status": "ready"}


def test_a_service_in_trouble_says_why(client, served, monkeypatch):
    monkeypatch.setattr(served[1], "trouble", lambda: "no job is worked on")
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json() == {"status": "no job is worked on"}


def test_it_names_its_models_and_engine(client):
    about = client.get("/v1/about").json()
    assert about["models"][:3] == ["buqi-address", "base", "tuned"] and about["engine"]


def test_a_status_that_no_job_has_any_more_is_zero(client, served, monkeypatch):
    for counts, line in (({"paused": 7}, 'buqi_jobs{status="paused"} 7.0'), ({}, 'buqi_jobs{status="paused"} 0.0')):
        monkeypatch.setattr(served[1].jobs.store, "counts", lambda counts=counts: counts)
        assert line in client.get("/metrics").text
