"""Writes a model folder as a quantised ``.gguf`` file, and compares the file with the folder before it is kept."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buqi.artefact import ADAPTER_CONFIG, ANEW, read_run, versions
from buqi.base import fingerprint, load_model, load_tokenizer
from buqi.base.gguf_file import write_folder
from buqi.engine import TorchEngine
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_writer import TYPES, check_gguf_target, sealed_file, write_gguf
from buqi.export.gptq import calibrate
from buqi.export.parity import PROBES, Parity, answer_logits, compare
from buqi.files import check_room, temporary_folder, whole_file, write_json
from buqi.rows import Row
from buqi.seal import check_seal
from buqi.task import ADDRESS, BREAK, Task

# Share of the answers' tokens that must stay the likeliest. Below LEAST_EQUAL the file is wrong and not written. Below
# EXPECTED_EQUAL the command warns.
LEAST_EQUAL = {4: 0.5, 8: 0.9, 16: 0.99, 32: 0.999}
EXPECTED_EQUAL = {4: 0.95, 8: 0.995, 16: 0.999, 32: 1.0}
ANSWER_TOKENS = 64
CALIBRATION_ROWS = 256  # rows


@dataclass(frozen=True)
class QuantizedFile:
    """What was written: size in bytes, and how its answers compare with those of the folder."""

    path: Path
    types: tuple[str, str]
    size: int
    parity: Parity
    equal_answers: float
    changed: tuple[tuple[str, str, str], ...]  # prompt, answer before, answer after
    expected: float  # share of answer tokens that should stay, at these bits

    @property
    def as_expected(self) -> bool:
        """Whether as many of the answers' tokens stay as they should."""
        return self.parity.equal_choices >= self.expected

    def as_json(self) -> dict[str, Any]:
        """Return the figures as they stand in ``parity.json``."""
        return {
            "file": self.path.name,
            "types": {"layers": self.types[0], "embedding": self.types[1]},
            "bytes": self.size,
            "logits": self.parity.as_json(),
            "as_expected": self.as_expected,
            "equal_answers": self.equal_answers,
            "changed": [dict(zip(("text", "before", "after"), change, strict=True)) for change in self.changed],
        }


def quantize(
    folder: Path,
    path: Path,
    bits: int,
    texts: Sequence[str] = PROBES,
    overwrite: bool = False,
    calibration: Callable[[Task], Sequence[Row]] = lambda _: (),
    say: Callable[[str], None] = lambda _: None,
) -> QuantizedFile:
    """Write ``folder`` as ``path``, with ``parity.json`` and a ``Modelfile`` for Ollama beside it.

    The written file is read back into fp32 and answers the same prompts as the folder. So they differ only by the
    quantisation.

    Args:
        path: the ``.gguf`` file to write; it appears whole, or not at all.
        bits: 4, 8, 16 or 32.
        texts: what both are asked.
        calibration: 4 bits: returns rows (with answers) of the model's task to round by. Without rows, numbers are
            rounded alone.

    Raises:
        UsageError: other bits, an adapter instead of a model, or ``path`` exists.
        BuqiError: another architecture, no room, or so few of the answers' tokens stay that the file must be wrong.
    """
    if bits not in TYPES:
        raise UsageError(f"--bits {bits}: expected one of {', '.join(map(str, sorted(TYPES)))}")
    check_gguf_target(path, overwrite)
    if (folder / ADAPTER_CONFIG).is_file():
        raise UsageError(f"{folder} is an adapter: merge it first (buqi merge --lora_path {folder} --output_path M)")
    check_seal(folder, ANEW, whole=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    most = sum(p.stat().st_size for p in folder.glob("model*.safetensors"))  # more than any file made of it
    check_room(path.parent, most, "the file")
    tokenizer = load_tokenizer(folder)
    task = Task.load(folder, tokenizer) or ADDRESS
    with sealed_file(path) as draft:
        say(f"writing {' and '.join(dict.fromkeys(TYPES[bits]))}")
        inputs = _inputs(folder, task, tokenizer, calibration(task), say) if bits == 4 else None
        write_gguf(folder, draft, TYPES[bits], lambda n, of: say(f"tensor {n} of {of}"), inputs)
        del inputs
        say("opening what was written and comparing answers")
        found = _compared(folder, draft, path, bits, task, tokenizer, texts)
        if not found.parity.passed:
            raise BuqiError(
                f"only {found.parity.equal_choices:.2%} of the answers' tokens stay at {bits} bits "
                f"(at least {LEAST_EQUAL[bits]:.1%} do in a sound file); {path} was not written"
            )
        origin = {"fingerprint": fingerprint(folder), "merged_from": read_run(folder).get("merged_from")}
        write_json(path.with_suffix(".parity.json"), found.as_json() | {"from": origin, "versions": versions()})
        with whole_file(path.with_name(f"{path.stem}.Modelfile")) as asked:
            asked.write_bytes(modelfile(path, task, tokenizer).encode("utf-8", "surrogateescape"))
    return found


def _inputs(
    folder: Path, task: Task, tokenizer: Any, rows: Sequence[Row], say: Callable[[str], None]
) -> dict[str, Any] | None:
    """Return what GPTQ rounds by, or ``None`` where there are no rows."""
    if not rows:
        return None
    encoded = [task.encode(tokenizer, row.src, row.tgt, row.system, row.trained) for row in rows[:CALIBRATION_ROWS]]
    model = load_model(folder, device="cpu").eval()
    return calibrate(model, encoded, lambda n, of: say(f"calibrating, row {n} of {of}"))


def _compared(
    folder: Path, draft: Path, path: Path, bits: int, task: Task, tokenizer: Any, texts: Sequence[str]
) -> QuantizedFile:
    prompts = [task.prompt_text(tokenizer, [text]) for text in texts]
    model = load_model(folder).eval()
    before = _answers(model, tokenizer, prompts)
    logits = answer_logits(model, tokenizer, prompts, before)
    del model
    with temporary_folder("gguf") as opened:
        write_folder(draft, opened)
        other = load_model(opened).eval()
        after = _answers(other, tokenizer, prompts)
        again = answer_logits(other, tokenizer, prompts, before)
        parity = compare(logits, again, tolerance=math.inf, least_equal=LEAST_EQUAL[bits])
    changed = tuple((t, b, a) for t, b, a in zip(texts, before, after, strict=True) if b != a)
    equal = 1 - len(changed) / len(texts)
    return QuantizedFile(path, TYPES[bits], draft.stat().st_size, parity, equal, changed, EXPECTED_EQUAL[bits])


def _answers(model: Any, tokenizer: Any, prompts: Sequence[str]) -> list[str]:
    return [answer.text for answer in TorchEngine.around(model, tokenizer).generate(prompts, ANSWER_TOKENS)]


def in_template(text: str) -> str:
    """Return ``text`` escaped for Ollama's template, where two braces open a Go action and three quotes end it."""

    def written(match: re.Match[str]) -> str:
        escaped = match[0].replace('"', '\\"')
        return f'{{{{ "{escaped}" }}}}'

    return re.sub(r'\{\{+|\{$|"""+|^"+|"+$', written, text)


def modelfile(path: Path, task: Task, tokenizer: Any) -> str:
    """Return a Modelfile that asks ``path`` in Ollama with exactly the task's prompt.

    The text typed there takes the place of ``{text}``; the chat template around it is written out.
    """
    mark = "\x00"
    head, tail = map(in_template, task.prompt_text(tokenizer, [mark]).replace(BREAK, "").split(mark))
    return (
        f"FROM ./{path.name}\n"
        f'TEMPLATE """{head}{{{{ .Prompt }}}}{tail}"""\n'
        "PARAMETER temperature 0\n"
        f"PARAMETER stop {tokenizer.eos_token}\n"
        f"PARAMETER stop {tokenizer.pad_token}\n"
    )
