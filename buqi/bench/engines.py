"""How fast engines answer, and what they take: ``python -m buqi.bench.engines KIND PATH …`` prints one JSON object."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from buqi.bench.process import measured_alone
from buqi.errors import UsageError
from buqi.loading.engines import remember
from buqi.machine import MemoryTaken

ENGINE_KINDS = ("torch", "llamacpp", "plain")  # plain: llama.cpp's server as it comes, nothing cached, nothing guessed
TIMED_TOKENS = 48
ASKED_ALONE = 12  # addresses asked one by one
ASKED_AT_ONCE = (4, 16, 64)
SLOTS = 16
TOWNS = ("碑林区", "雁塔区", "扶风县", "渭滨区", "未央区", "长安区", "岐山县", "眉县")
ROADS = ("文昌路", "和平大道", "新华街", "光明巷", "中山北路", "学府路")


@dataclass(frozen=True)
class EngineSpeed:
    """What one engine measured.

    Attributes:
        name: as it was asked for.
        load_seconds: from nothing to ready.
        memory_mb: what opening and asking it added to the process's memory at its peak, in 10^6 bytes.
        alone: seconds of each address asked alone.
        per_second: addresses a second when so many are asked at once.
    """

    name: str
    load_seconds: float
    memory_mb: float
    alone: list[float]
    per_second: dict[str, float]

    def quantile(self, share: float) -> float:
        """Return a quantile of the seconds of an address asked alone."""
        ordered = sorted(self.alone)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def texts(count: int) -> list[str]:
    """Return ``count`` different short addresses."""
    return [f"{TOWNS[i % 8]}{ROADS[i % 6]}{7 * i + 3}号" for i in range(count)]


def measure(kind: str, path: Path, model: Path) -> EngineSpeed:
    """Return what an engine of `ENGINE_KINDS` measured on a model folder or ``.gguf`` file, in a process of its own.

    ``model`` has the tokenizer that makes the prompts.

    Raises:
        UsageError: no such kind.
        BuqiError: it failed.
    """
    if kind not in ENGINE_KINDS:
        raise UsageError(f"{kind}: expected one of {', '.join(ENGINE_KINDS)}")
    arguments = (kind, str(path), str(model))
    return EngineSpeed(**measured_alone(f"{kind} {path}", "buqi.bench.engines", *arguments))


def measure_all(
    model: Path, files: Sequence[Path], plain: bool = False, say: Callable[[str], None] = lambda _: None
) -> list[EngineSpeed]:
    """Return what torch measured on a merged folder and llama.cpp on ``.gguf`` files of it.

    ``--engine auto`` goes by it from now. With ``plain`` llama.cpp's server as it comes is timed too.

    Raises:
        UsageError: no model folder, or ``plain`` without files.
        BuqiError: an engine failed.
    """
    if plain and not files:
        raise UsageError("--plain: only with --gguf")
    if not (model / "config.json").is_file():
        raise UsageError(f"{model}: no model folder; merge an adapter first (buqi merge)")
    kinds = ("llamacpp", "plain") if plain else ("llamacpp",)
    speeds = []
    for kind, path in [("torch", model), *((kind, path) for path in files for kind in kinds)]:
        say(f"{kind} {path.name}")
        speeds.append(measure(kind, path, model))
    known = {speed.name.split()[0] for speed in speeds} - {"plain"}
    remember({kind: min(s.quantile(0.5) for s in speeds if s.name.startswith(kind)) for kind in known})
    return speeds


def line(speed: EngineSpeed) -> str:
    """Return what one engine measured as a line."""
    many = "  ".join(f"{n} at once {rate:.2f}/s" for n, rate in speed.per_second.items())
    return (
        f"{speed.name:<32} load {speed.load_seconds:4.1f} s  peak {speed.memory_mb:5.0f} MB  "
        f"alone {speed.quantile(0.5):.2f} s (p95 {speed.quantile(0.95):.2f})  {many}"
    )


def _opened(kind: str, path: Path) -> Any:
    if kind == "torch":
        from buqi.engine import TorchEngine

        return TorchEngine(path)
    from buqi.engine.llama_engine import LlamaEngine

    return LlamaEngine(path, slots=SLOTS, copying=kind == "llamacpp")


def _prompts(model: Path, asked: Sequence[str]) -> list[str]:
    from buqi.base import load_tokenizer
    from buqi.task import ADDRESS, Task

    tokenizer = load_tokenizer(model)
    task = Task.load(model, tokenizer) or ADDRESS
    return [task.prompt_text(tokenizer, [text]) for text in asked]


def main(kind: str, path: str, model: str) -> None:
    """Measure one engine and print it."""
    prompts = iter(_prompts(Path(model), texts(1 + ASKED_ALONE + SLOTS + sum(ASKED_AT_ONCE))))

    def seconds(count: int) -> float:
        """Return how long the next prompts take, asked at once."""
        asked, since = list(islice(prompts, count)), time.perf_counter()
        engine.generate(asked, TIMED_TOKENS)
        return time.perf_counter() - since

    taken, started = MemoryTaken(), time.perf_counter()
    engine = _opened(kind, Path(path))
    seconds(1)  # what is built at the first request counts as loading
    loaded = time.perf_counter() - started
    alone = [seconds(1) for _ in range(ASKED_ALONE)]
    seconds(SLOTS)  # a service that runs: every slot knows the instruction
    per_second = {str(count): count / seconds(count) for count in ASKED_AT_ONCE}
    print(json.dumps(asdict(EngineSpeed(f"{kind} {Path(path).name}", loaded, taken.mb, alone, per_second))))


if __name__ == "__main__":
    main(*sys.argv[1:])
