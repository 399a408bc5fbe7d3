"""What lives as long as the service: many requests at once, each with its own answer."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from buqi.expressions import MADE
from buqi.serve import ServiceSettings
from buqi.serve.models import CHAIN
from buqi.serve.problems import Problem
from buqi.serve.service import PART_ADDRESSES, Service


def test_concurrent_requests_get_their_own_answers(client):
    texts = [f"碑林区文昌路{i}号" for i in range(200)]

    def ask(text: str) -> str:
        return client.post("/v1/complete", json={"text": text}).json()["completions"][0]["full"]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, texts)) == [f"陕西省西安市{text}" for text in texts]


def test_it_completes_counts_and_stops(tmp_path):
    service = Service(ServiceSettings(data=tmp_path))
    assert service.models.names == [CHAIN], "no model, no chat but the table's"
    assert all(vars(made)["_compiled"] for made in MADE), "no request waits until an expression is compiled"

    async def scenario() -> None:
        service.start()
        (found,) = await service.addresses.submit(["碑林区1号"], 20)
        assert found.full == "陕西省西安市碑林区1号"
        service.count_tokens((3, 2))
        await service.stop()
        with pytest.raises(Problem) as stopped:
            await service.addresses.submit(["碑林区1号"], 20)
        assert stopped.value.status == 503

    asyncio.run(scenario())
    figures = service.figures.text().decode()
    assert 'buqi_addresses_total{status="partial"} 1.0' in figures, "what it warmed up with is not counted"
    assert 'buqi_tokens_total{kind="prompt"} 3.0' in figures and 'buqi_tokens_total{kind="completion"} 2.0' in figures
    assert 'buqi_queue{queue="addresses"} 0.0' in figures


def test_a_request_is_worked_on_in_parts_in_order(served):
    asked = [f"碑林区友谊路{n}号" for n in range(300)]
    found = httpx.post(f"{served[0]}/v1/complete", json={"texts": asked}, timeout=60).json()["completions"]
    assert [answer["input"] for answer in found] == asked and len(asked) > 2 * PART_ADDRESSES
