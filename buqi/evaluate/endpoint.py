"""Any OpenAI-compatible endpoint as a contestant: ``http://host/v1#model``."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from buqi.answering import MOST_TOKENS
from buqi.errors import BuqiError, UsageError
from buqi.evaluate.contestants import Contestant
from buqi.evaluate.prediction import Prediction
from buqi.extras import install
from buqi.rows import Row
from buqi.task import Task

LARGEST_REPLY = 1_000_000  # bytes
AT_ONCE = 8  # requests that are sent at once


def check_client(address: str) -> None:
    """Raise `UsageError` for no address of an endpoint, and `BuqiError` where httpx is missing, which asks it."""
    url, _, model = address.partition("#")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc or not model:
        raise UsageError(f"{address}: expected http://host/v1#model")
    if find_spec("httpx") is None:
        raise BuqiError(f"endpoints need httpx: {install('endpoint')}")


class EndpointContestant(Contestant):
    """A model behind an OpenAI-compatible endpoint, asked with the task's prompt at temperature 0.

    Args:
        address: ``http(s)://host/v1#model``.
        retries: how often a request is sent again after a time-out, 429 or 5xx.
        timeout: seconds for one request.
        pause: seconds before the first repetition, doubled each time (a Retry-After header goes first).

    The key is taken from ``$BUQI_ENDPOINT_KEY``. A row that fails for good counts as failed; nothing raises.

    Raises:
        UsageError: not of that form.
        BuqiError: httpx is missing.
    """

    writes = True

    def __init__(
        self,
        address: str,
        max_new_tokens: int = MOST_TOKENS,
        retries: int = 3,
        timeout: float = 60.0,
        pause: float = 1.0,
    ) -> None:
        check_client(address)
        import httpx

        url, _, self.model = address.partition("#")
        self.name, self.identity, self.piece = self.model, f"{address} {max_new_tokens}", 4 * AT_ONCE
        self.max_new_tokens, self.retries, self.pause = max_new_tokens, retries, pause
        self.url = url.rstrip("/") + "/chat/completions"
        key = os.environ.get("BUQI_ENDPOINT_KEY")
        self.client = httpx.Client(timeout=timeout, headers={"Authorization": f"Bearer {key}"} if key else {})
        self.errors = (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError, AttributeError)

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda row: self._row(task, row), rows))

    def _row(self, task: Task, row: Row) -> Prediction:
        body = {
            "model": self.model,
            "messages": task.messages(row.src, row.tgt[:-1], row.system),
            "temperature": 0,
            "max_tokens": self.max_new_tokens,
        }
        for again in range(self.retries + 1):
            wait = self.pause * 2**again
            try:
                status, reply, after = self._post(body)
                if status == 200:
                    return _prediction(json.loads(reply))
                failed = f"status {status}"
                if status != 429 and status < 500:
                    break
                wait = float(after) if after.isdigit() else wait
            except self.errors as error:
                failed = f"{type(error).__name__}: {str(error)[:120]}"
            if again < self.retries:
                time.sleep(min(wait, 60.0))
        return Prediction("", failed=failed)

    def _post(self, body: dict[str, Any]) -> tuple[int, bytes, str]:
        """Return status, reply and how long it asks to wait."""
        with self.client.stream("POST", self.url, json=body) as reply:
            data = b""
            for piece in reply.iter_bytes():
                data += piece
                if len(data) > LARGEST_REPLY:
                    raise ValueError(f"a reply of more than {LARGEST_REPLY} bytes")
            return reply.status_code, data, reply.headers.get("retry-after", "")

    def memory_mb(self, asked: float) -> float:
        """Return 0: it runs elsewhere."""
        return 0.0


def _prediction(reply: Any) -> Prediction:
    """Return the answer in an endpoint's reply; errors of `EndpointContestant.errors` for another form."""
    choice, usage = reply["choices"][0], reply.get("usage") or {}
    text = choice["message"]["content"]
    if not isinstance(text, str):
        raise TypeError("the answer is no text")
    tokens = (int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
    return Prediction(text.strip(), stopped=choice.get("finish_reason") == "stop", tokens=tokens)
