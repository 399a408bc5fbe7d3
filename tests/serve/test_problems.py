"""Failed requests have one shape."""

from __future__ import annotations

import json

from buqi.serve.problems import ERRORS, Problem, error_body


def test_a_problem_is_answered_as_openais_clients_expect():
    reply = Problem(429, "send it again", "queue_full", retry_after=5).response()
    assert reply.status_code == 429 and reply.headers["retry-after"] == "5"
    assert json.loads(reply.body) == error_body("send it again", "queue_full")
    assert set(error_body("x", "y")["error"]) == {"message", "type", "code", "param"}


def test_what_the_service_could_not_do_is_no_mistake_of_the_request():
    kinds = [Problem(status, "x", "y").body()["error"]["type"] for status in (400, 429, 499, 500, 504, 507)]
    assert kinds == ["invalid_request_error"] * 3 + ["server_error"] * 3


def test_only_what_may_be_sent_again_says_when():
    assert "retry-after" not in Problem(404, "no such job", "not_found").response().headers
    assert Problem(503, "starting", "stopping", retry_after=0).response().headers["retry-after"] == "0"


def test_the_description_names_what_clients_must_handle(client):
    described = client.get("/openapi.json").json()["paths"]["/v1/complete"]["post"]["responses"]
    assert {str(status) for status in ERRORS} <= set(described)
