"""LangChain's and LiteLLM's clients; make clients puts them into a folder of their own, since they take 0.3 GB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serve.conftest import TEXTS

CLIENTS = Path(os.environ.get("BUQI_CLIENTS", Path(__file__).parents[2] / ".clients"))
WHOLE, STREAMED = TEXTS[:2]
LANGCHAIN = """
import sys
from langchain_openai import ChatOpenAI
chat = ChatOpenAI(base_url=sys.argv[1], api_key="none", model="buqi-address", temperature=0.7, max_tokens=90)
print(chat.invoke(sys.argv[2]).content)
print("".join(part.content for part in chat.stream([("system", "Be brief."), ("human", sys.argv[3])])))
print(chat.batch([sys.argv[2]])[0].usage_metadata["output_tokens"] > 0)
"""
LITELLM = """
import sys, litellm
litellm.suppress_debug_info = True  # its lists of providers
def ask(text, **more):
    turns = [{"role": "user", "content": text}]
    return litellm.completion(model="openai/buqi-address", api_base=sys.argv[1], api_key="none", messages=turns, **more)
print(ask(sys.argv[2], temperature=0.7).choices[0].message.content)
pieces = list(ask(sys.argv[3], stream=True, stream_options={"include_usage": True}))
print("".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices))
print(litellm.stream_chunk_builder(pieces).usage.completion_tokens > 0)
"""


@pytest.mark.long
@pytest.mark.parametrize(("package", "script"), [("langchain_openai", LANGCHAIN), ("litellm", LITELLM)])
def test_a_client_asks_whole_and_streamed(served, package, script):
    if not (CLIENTS / package).is_dir():
        pytest.skip(f"{package} is not in {CLIENTS.name}; make clients puts it there")
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LANGSMITH_TRACING": "false", "PYTHONPATH": str(CLIENTS)}
    command = [sys.executable, "-c", script, f"{served[0]}/v1", WHOLE, STREAMED]
    done = subprocess.run(command, env=os.environ | quiet, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines() == [f"陕西省西安市{WHOLE}", "陕西省宝鸡市扶风县法门镇法门寺", "True"]
