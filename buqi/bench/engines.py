"""How fast engines answer, and what they take: ``python -m buqi.bench.engines KIND PATH …`` prints one JSON object."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from buqi.bench.process import measured_alone
from buqi.bench.rival_engines import TransformersEngine, missing
from buqi.errors import UsageError
from buqi.loading.engines import PRECISIONS, remember
from buqi.machine import MemoryTaken

ON_FOLDER = ("torch-bf16", "torch-int8", "torch-fp32")
ON_FILES = ("llamacpp", "openvino")
OWN = (*ON_FOLDER, *ON_FILES)
EXACT, ROUNDED = "torch-fp32", "torch-int8"
SAME = 0.995  # share of answers that must be those of fp32, or 8 bits are not chosen by themselves
OTHERS = ("transformers", "plain")  # plain: llama.cpp's server as it comes, nothing cached, nothing guessed
ENGINE_KINDS = (*OWN, *OTHERS)
TIMED_TOKENS = 48
ASKED_ALONE = 12  # addresses asked one by one
ASKED_AT_ONCE = (4, 16, 64)
SLOTS = 16
SEED = 11


@dataclass(frozen=True)
class EngineSpeed:
    """What one engine measured.

    Attributes:
        name: its kind and the name of its folder or file.
        load_seconds: from nothing to ready.
        memory_mb: what opening and asking it added to the process's memory at its peak, in 10^6 bytes.
        alone: seconds of each address asked alone.
        per_second: addresses a second when so many are asked at once.
        answers: to all addresses asked.
    """

    name: str
    load_seconds: float
    memory_mb: float
    alone: list[float]
    per_second: dict[str, float]
    answers: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind of engine, of `ENGINE_KINDS`."""
        return self.name.split()[0]

    def quantile(self, share: float) -> float:
        """Return a quantile of the seconds of an address asked alone."""
        ordered = sorted(self.alone)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def texts(count: int) -> list[str]:
    """Return ``count`` different short addresses, made as the tutorial's rows are."""
    from buqi.synthesis import EXAMPLE_REGION, build_rows, counties_of
    from buqi.task import ADDRESS

    found = dict.fromkeys(
        ADDRESS.text_of(row.src[-1]) for row in build_rows(counties_of(EXAMPLE_REGION), 2 * count, SEED)
    )
    return list(found)[:count]


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


@dataclass(frozen=True)
class EngineSpeeds:
    """What all engines measured in one run.

    Attributes:
        speeds: of those that ran.
        missing: why others did not, by kind.
        load: what the machine had to do before each measurement (processes, mean of a minute).
    """

    speeds: list[EngineSpeed]
    missing: dict[str, str]
    load: list[float]

    @property
    def same(self) -> float | None:
        """Share of answers in 8 bits that are those of fp32; ``None`` if one of both did not run."""
        answers = {speed.kind: speed.answers for speed in self.speeds}
        pairs = list(zip(answers.get(EXACT, ()), answers.get(ROUNDED, ()), strict=False))
        return sum(one == other for one, other in pairs) / len(pairs) if pairs else None

    def ratios(self) -> dict[str, float]:
        """Return how many times as fast as the best of `OTHERS` the best of `OWN` is, by how many are asked at once."""

        def best(kinds: Sequence[str], count: int) -> float:
            speeds = [s for s in self.speeds if s.kind in kinds]
            if count == 1:
                return max((1 / s.quantile(0.5) for s in speeds), default=0.0)
            return max((s.per_second[str(count)] for s in speeds), default=0.0)

        counts = (1, *ASKED_AT_ONCE) if any(s.kind in OTHERS for s in self.speeds) else ()
        return {str(n): round(best(OWN, n) / best(OTHERS, n), 2) for n in counts}


def measure_all(
    model: Path,
    files: Sequence[Path],
    others: bool = False,
    rounds: int = 1,
    say: Callable[[str], None] = lambda _: None,
) -> EngineSpeeds:
    """Return what torch measured on a merged folder, and llama.cpp and OpenVINO on ``.gguf`` files of it.

    They are measured one after the other. ``--engine auto`` chooses by the result from now on.

    Args:
        others: time other engines too.
        rounds: how often all are measured in turn; the fastest round of each counts.

    Raises:
        UsageError: no model folder, or ``others`` without files.
        BuqiError: an engine failed.
    """
    if others and not files:
        raise UsageError("--others: only with --gguf")
    check_model_folder(model)
    if absent := next((path for path in files if not path.is_file()), None):
        raise UsageError(f"{absent}: no such file; buqi quantize writes one")
    on_folder = [*ON_FOLDER, *(["transformers"] if others else [])]
    on_files = [*ON_FILES, *(["plain"] if others else [])] if files else []
    without = {kind: why for kind in [*on_folder, *on_files] if (why := missing(kind))}
    asked = [(k, model) for k in on_folder] + [(k, path) for path in files for k in on_files]
    speeds, load = [], []
    for _ in range(rounds):
        for kind, path in asked:
            if kind not in without:
                say(f"{kind} {path.name}")
                load.append(round(os.getloadavg()[0], 1))
                speeds.append(measure(kind, path, model))
    found = EngineSpeeds(_fastest(speeds), without, load)
    _keep([s for s in found.speeds if s.kind != ROUNDED or (found.same or 0.0) >= SAME])
    return found


def check_model_folder(model: Path) -> None:
    """Raise `UsageError` if there is no model folder."""
    if not (model / "config.json").is_file():
        raise UsageError(f"{model}: no model folder; merge an adapter first (buqi merge)")


def _fastest(speeds: Sequence[EngineSpeed]) -> list[EngineSpeed]:
    """Return one speed for each name: its round with the fastest single addresses, with the best rates of all."""
    found = []
    for name in dict.fromkeys(speed.name for speed in speeds):
        rounds = [speed for speed in speeds if speed.name == name]
        best = min(rounds, key=lambda speed: speed.quantile(0.5))
        rates = {n: max(speed.per_second[n] for speed in rounds) for n in best.per_second}
        found.append(replace(best, per_second=rates))
    return found


def _keep(speeds: Sequence[EngineSpeed]) -> None:
    """Remember the seconds of an address for ``--engine auto``, alone and among many: of each engine and precision."""
    seconds: dict[str, float] = {}
    at_once: dict[str, float] = {}
    for speed in speeds:
        for name in {speed.kind, speed.kind.partition("-")[0]} - {*OTHERS}:
            seconds[name] = min(seconds.get(name, math.inf), speed.quantile(0.5))
            at_once[name] = min(at_once.get(name, math.inf), 1 / speed.per_second[max(speed.per_second, key=int)])
    remember(seconds, at_once)


def line(speed: EngineSpeed) -> str:
    """Return what one engine measured as a line."""
    many = "  ".join(f"{n} at once {rate:.2f}/s" for n, rate in speed.per_second.items())
    return (
        f"{speed.name:<32} load {speed.load_seconds:4.1f} s  peak {speed.memory_mb:5.0f} MB  "
        f"alone {speed.quantile(0.5):.2f} s (p95 {speed.quantile(0.95):.2f})  {many}"
    )


def lines(found: EngineSpeeds) -> Iterator[str]:
    """Yield a line for each engine, those that are missing, and the ratios."""
    yield from map(line, found.speeds)
    for kind, why in found.missing.items():
        yield f"{kind}: not measured, {why}"
    if (same := found.same) is not None:
        chosen = "" if same >= SAME else f"; under {SAME:.1%}, so they are not chosen by themselves"
        yield f"8 bits: {same:.1%} of the answers are those of fp32{chosen}"
    if ratios := found.ratios():
        yield "times as fast as the best other: " + "  ".join(f"{n} at once {ratio}" for n, ratio in ratios.items())


def _opened(kind: str, path: Path) -> Any:
    if kind in ON_FOLDER:
        from buqi.engine import TorchEngine

        return TorchEngine(path, dtype=PRECISIONS[kind])
    if kind == "transformers":
        return TransformersEngine(path)
    if kind == "openvino":
        from buqi.engine.openvino_engine import OpenVinoEngine

        return OpenVinoEngine(path)
    from buqi.engine.llama_engine import LlamaEngine

    return LlamaEngine(path, slots=SLOTS, reuse=kind == "llamacpp")


def prompts_of(model: Path, asked: Sequence[str]) -> list[str]:
    """Return the prompts of texts, in the words of the task that the folder was trained for."""
    from buqi.base import load_tokenizer
    from buqi.task import ADDRESS, Task

    tokenizer = load_tokenizer(model)
    task = Task.load(model, tokenizer) or ADDRESS
    return [task.prompt_text(tokenizer, [text]) for text in asked]


def main(kind: str, path: str, model: str) -> None:
    """Measure one engine and print it."""
    prompts = iter(prompts_of(Path(model), texts(1 + ASKED_ALONE + SLOTS + sum(ASKED_AT_ONCE))))

    def seconds(count: int) -> float:
        """Return how long the next prompts take, asked at once."""
        asked, since = list(islice(prompts, count)), time.perf_counter()
        found = engine.generate(asked, TIMED_TOKENS)
        taken = time.perf_counter() - since
        answers.extend(getattr(answer, "text", answer) for answer in found)
        return taken

    answers: list[str] = []
    memory, started = MemoryTaken(), time.perf_counter()
    engine = _opened(kind, Path(path))
    seconds(1)  # what is built at the first request counts as loading
    loaded = time.perf_counter() - started
    alone = [seconds(1) for _ in range(ASKED_ALONE)]
    seconds(SLOTS)  # a service that runs: every slot knows the instruction
    per_second = {str(count): count / seconds(count) for count in ASKED_AT_ONCE}
    print(json.dumps(asdict(EngineSpeed(f"{kind} {Path(path).name}", loaded, memory.mb, alone, per_second, answers))))


if __name__ == "__main__":
    main(*sys.argv[1:])
