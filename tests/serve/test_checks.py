"""Texts that are not taken: none, too many, too long, half a character."""

from __future__ import annotations

import json

import pytest

from tests.serve.conftest import post


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "a", "texts": ["b"]}, 422),
        ({"texts": []}, 422),
        ({"texts": ["a"] * 1001}, 413),
        ({"text": "区" * 501}, 413),
        ({"text": "a", "mode": "rm"}, 422),
        ({"text": 5}, 422),
        ({"texts": [None]}, 422),
        ({"text": "\ud800"}, 422),
        ([], 422),
    ],
)
def test_bodies_of_complete(client, body, status):
    data = json.dumps(body).encode()
    assert post(client, "/v1/complete", content=data, headers={"Content-Type": "application/json"}) == status
