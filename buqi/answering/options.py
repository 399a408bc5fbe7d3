"""How texts are answered: the options that command line, files, databases, frames, service and comparison share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any

from buqi.errors import UsageError

MODES = ("auto", "match", "generate")
VLLM = "vllm"  # an engine that only Ray runs
MOST_TOKENS = 128
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class AnswerOptions:
    """How texts are answered. Options that contradict each other are refused.

    The mode is ``auto`` (table, memory and evidence), ``match`` (the table alone) or ``generate`` (a model writes). For
    other tasks than addresses ``auto`` means ``generate`` where a model is named.

    Raises:
        UsageError: no such mode, a threshold that is not between 0 and 1, or an option that has no use with the others.
    """

    mode: str = "auto"
    memory: Path | None = None  # folder of ``buqi places``; the default one if not given
    threshold: float | None = None  # confidence below which no answer is given; the shipped ones if not given
    model: str | None = None  # base, merged folder or ``.gguf``; with ``generate`` the embedded base if not given
    adapter: Path | None = None  # its folder; "none" for the base alone; with ``generate`` the shipped one if not given
    engine: str = "auto"  # one of `buqi.loading.engines.ENGINES`; vllm on Ray
    allowed: tuple[str, ...] | None = None  # the only answers that may be written
    max_new_tokens: int | None = None  # most tokens of a written answer; `MOST_TOKENS` if not given
    contact: bool = False  # whether name, telephone and postcode are read apart from the address
    probabilities: bool = False  # whether replies have the probability of each allowed answer
    free: bool = False  # whether a model may write any text as an address

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UsageError(f"--mode {self.mode}: expected one of {', '.join(MODES)}")
        if self.threshold is not None and not (isinstance(self.threshold, Real) and 0 <= self.threshold <= 1):
            raise UsageError(f"--threshold {self.threshold!r}: expected a number from 0 to 1")
        if self.max_new_tokens is not None and self.max_new_tokens < 1:
            raise UsageError(f"--max_new_tokens {self.max_new_tokens}: expected at least 1")
        if self.mode == "match" and self.asks_model:
            raise UsageError("--mode match asks no model; leave out --adapter and --model")
        if self.free and self.mode != "generate":
            raise UsageError("--free: only with --mode generate")
        threshold = None if self.is_constrained else self.threshold
        if self.mode != "auto" and (unused := given_options({"--memory": self.memory, "--threshold": threshold})):
            raise UsageError(f"{unused}: only with --mode auto{' or generate' * (threshold is not None)}")
        if self.memory is not None:
            from buqi.places.memory import check_memory

            check_memory(self.memory)
        if self.probabilities and self.allowed is None:
            raise UsageError("--probabilities: of the answers of --allowed; name them")
        if self.probabilities and self.engine.partition("-")[0] not in ("auto", "torch"):
            raise UsageError(f"--probabilities: only with --engine torch, not {self.engine}")
        if self.asks_model:
            if self.contact:
                raise UsageError("--contact: a model that writes reads no telephones; use --mode auto or match")
            from buqi.loading import UNTUNED

            if str(self.adapter) == UNTUNED and self.mode == "auto" and self.model is None:
                raise UsageError(f"--adapter {UNTUNED}: only with --mode generate, or with --model")
            return
        if self.engine != "auto":
            raise UsageError(f"--engine {self.engine}: no model is asked; name one with --adapter or --model")
        if unused := given_options({"--allowed": self.allowed, "--max_new_tokens": self.max_new_tokens}):
            raise UsageError(f"{unused}: only with --mode generate")

    @property
    def asks_model(self) -> bool:
        """Whether a model writes the answers."""
        return self.mode == "generate" or self.model is not None or self.adapter is not None

    @property
    def is_constrained(self) -> bool:
        """Whether a model of addresses may only choose places of the table."""
        return self.mode == "generate" and not self.free and self.allowed is None

    @property
    def model_spec(self) -> str:
        """The model that writes, as `buqi.base.resolve` takes it: the embedded base if none is named."""
        from buqi.base.spec import DEFAULT_SPEC

        return self.model or DEFAULT_SPEC

    @property
    def most_tokens(self) -> int:
        """Most tokens of a written answer."""
        return self.max_new_tokens or MOST_TOKENS

    def version(self) -> str:
        """Return 16 digits that change when an answer may: with options, code, data, memory or model files."""
        from buqi.places.memory import places_dir

        digest = hashlib.sha256(json.dumps(asdict(self), default=str).encode())
        digest.update(_package_digest())
        for root in (self.memory or places_dir(), *(Path(name) for name in (self.model, self.adapter) if name)):
            for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
                digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


def given_options(options: dict[str, Any]) -> str:
    """Return the names of the options that have a value, with commas between them."""
    return ", ".join(name for name, value in options.items() if value is not None)


@lru_cache(maxsize=1)
def _package_digest() -> bytes:
    """Return a hash of all code and data of this package; any of it may change an answer (0.05 s)."""
    digest = hashlib.sha256()
    for path in sorted(p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(f"{path.relative_to(PACKAGE)} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.digest()
