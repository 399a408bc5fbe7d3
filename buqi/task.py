"""`Task`: the one place where a prompt is made.

Rows, training, evaluation, completion and export all call it, and ``task.json`` travels with every adapter and
merged model, so a model cannot be asked with another prompt than it was trained with.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError, UsageError, counted, explained

TASK_FILE = "task.json"
BREAK = "\ufdd0"  # a noncharacter; it breaks what would be read as a control token in a text
CONTROL = re.compile(r"<\|[^<|>\s]+\|>")  # how control tokens are written


@dataclass(frozen=True)
class Encoded:
    """One row as tokens. ``trained[i]`` is true if token ``i`` is learnt (answers and end tokens)."""

    ids: list[int]
    trained: list[bool]

    @property
    def first_trained(self) -> int:
        """The index of the first token that is learnt."""
        return self.trained.index(True)

    @property
    def last_answer(self) -> int:
        """How many tokens the last answer has, with its end token."""
        return self.trained[::-1].index(False) if False in self.trained else len(self.trained)


@dataclass(frozen=True)
class Task:
    """What is asked and how the answer is read.

    Args:
        name: ``address`` (answers are Chinese addresses) or ``rows`` (any other ``src``/``tgt`` table).
        template: the user's message; ``{text}`` stands for what differs from row to row.
        system: system message; ``None`` leaves it to the model's own chat template.
    """

    name: str
    template: str = "{text}"
    system: str | None = None

    def __post_init__(self) -> None:
        if self.template.count("{text}") != 1:
            raise UsageError(f"prompt template {self.template!r}: must contain {{text}} exactly once")

    @property
    def is_address(self) -> bool:
        """Whether the answers are Chinese addresses."""
        return self.name == "address"

    @property
    def fingerprint(self) -> str:
        """16 hex digits that change when any part of the prompt changes."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    def prompt(self, text: str) -> str:
        """Return the user's message for ``text``. A text that already is a prompt of this task stays as it is."""
        return self.template.replace("{text}", self.text_of(text) or "")

    def text_of(self, src: str) -> str:
        """Return ``src`` without the instruction around it, also in the wordings of the tutorial."""
        if self.is_address and (match := ADDRESS_INSTRUCTION.match(src)):
            return src[match.end() :].strip()
        head, tail = self.template.split("{text}")
        if src.startswith(head) and src.endswith(tail) and len(src) >= len(head) + len(tail):
            return src[len(head) : len(src) - len(tail)]
        return src

    def messages(self, src: Sequence[str], tgt: Sequence[str] = (), system: str | None = None) -> list[dict[str, str]]:
        """Return the chat messages of a conversation; ``src`` may have one turn more than ``tgt`` (the question)."""
        messages = []
        if (system or self.system) is not None:
            messages.append({"role": "system", "content": str(system or self.system)})
        for i, text in enumerate(src):
            messages.append({"role": "user", "content": self.prompt(text) if i == 0 else text})
            if i < len(tgt):
                messages.append({"role": "assistant", "content": tgt[i]})
        return messages

    def prompt_text(
        self, tokenizer: Any, src: Sequence[str], tgt: Sequence[str] = (), system: str | None = None
    ) -> str:
        """Return the whole prompt, up to the place where the answer begins, as `tokens` takes it.

        Control tokens in a text are broken by `BREAK`, so that they stay text.

        Raises:
            BuqiError: the chat template cannot make one.
        """
        asked = [m | {"content": plain(tokenizer, m["content"])} for m in self.messages(src, tgt, system)]
        try:
            text: str = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        except Exception as error:  # a template is a program: it raises what it likes
            reason = next(iter(str(error).splitlines()), "")[:200]
            raise BuqiError(f"the model's chat template makes no prompt ({type(error).__name__}: {reason})") from error
        return text

    def prompt_ids(self, tokenizer: Any, text: str) -> list[int]:
        """Return the prompt's tokens for one text."""
        return tokens(tokenizer, self.prompt_text(tokenizer, [text]))

    def encode(
        self,
        tokenizer: Any,
        src: Sequence[str],
        tgt: Sequence[str],
        system: str | None = None,
        learnt: Sequence[bool] = (),
    ) -> Encoded:
        """Return a row's tokens; every answer (of those ``learnt``, if given) and its end token is trained.

        Prompt and answer are tokenised separately, as when the model answers. So no token crosses the border.
        """
        end = tokenizer.eos_token_id
        ids: list[int] = []
        trained: list[bool] = []
        done = ""
        for turn, answer in enumerate(tgt):
            prompt = self.prompt_text(tokenizer, src[: turn + 1], tgt[:turn], system)
            if not prompt.startswith(done):
                raise BuqiError("the chat template rewrites earlier turns; it cannot be trained turn by turn")
            head = tokens(tokenizer, prompt[len(done) :])
            answer = plain(tokenizer, answer)
            body = [*tokens(tokenizer, answer), end]
            ids += head + body
            trained += [False] * len(head) + [learnt[turn] if learnt else True] * len(body)
            done = prompt + answer + tokenizer.eos_token
        return Encoded(ids, trained)

    def same(self, answer: str, gold: str) -> bool:
        """Return whether ``answer`` is exactly ``gold``, except for white space at the ends."""
        return answer.strip() == gold.strip()

    def save(self, folder: Path, tokenizer: Any) -> None:
        """Write ``task.json`` into ``folder``, with the hash of the chat template around the prompt."""
        record = asdict(self) | {"chat_template": chat_template_hash(tokenizer), "end_token": tokenizer.eos_token}
        (folder / TASK_FILE).write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, tokenizer: Any) -> Task | None:
        """Return the task saved in ``folder``, or ``None`` where there is no ``task.json``.

        Raises:
            BuqiError: it was trained with another chat template or end token than ``tokenizer`` has.
        """
        path = folder / TASK_FILE
        if not path.is_file():
            return None
        from buqi.foreign import TaskFile, parsed  # loads pydantic

        record = parsed(path, TaskFile)
        with explained(f"{path}: not a task file of buqi", UsageError):
            task = cls(record.name, record.template, record.system)
        for key, here in (("chat_template", chat_template_hash(tokenizer)), ("end_token", tokenizer.eos_token)):
            if (known := getattr(record, key)) != here:
                raise BuqiError(
                    f"{path}: trained with {key} {known!r}, but this base has {here!r}: "
                    "the model would be asked with another prompt than it learnt. Use the base it was trained on."
                )
        return task


ADDRESS_INSTRUCTION = re.compile(r"\s*(?:精简输出\s*[，,]\s*)?补齐五级行政地址\s*[:：]\s*")
ADDRESS = Task("address", "补齐五级行政地址: {text}")
ROWS = Task("rows")


def task_of(sources: Iterable[tuple[str, str]], template: str | None = None, system: str | None = None) -> Task:
    """Return the task that rows belong to.

    Args:
        sources: (where, first ``src``) of every row.
        template: the user's own ``prompt_template``; without it, rows that all carry the address instruction are
            the address task, and any others are taken as they are.
        system: the user's own system message.

    Raises:
        UsageError: some rows carry the address instruction and some do not: they would train two prompts.
    """
    if template is not None:
        return Task("address" if template == ADDRESS.template else "rows", template, system)
    without, count = [], 0
    for where, src in sources:
        count += 1
        if not ADDRESS_INSTRUCTION.match(src):
            without.append(where)
    if without and len(without) < count:
        raise UsageError(
            f"the address instruction stands in {counted(count - len(without), 'row')} and is missing in "
            f"{len(without)} (first: {', '.join(without[:3])}): write it in all of them, or set prompt_template"
        )
    task = ROWS if without or not count else ADDRESS
    return Task(task.name, task.template, system)


def tokens(tokenizer: Any, text: str) -> list[int]:
    """Return the tokens of a prompt or a `plain` text, with nothing added."""
    ids: list[int] = []
    for piece in text.split(BREAK):
        ids += tokenizer(piece, add_special_tokens=False)["input_ids"]
    return ids


def plain(tokenizer: Any, text: str) -> str:
    """Return ``text`` with `BREAK` inside everything that looks like a control token: `tokens` reads it as text."""
    text = text.replace(BREAK, "\ufffd")
    if "<" in text or "[" in text:  # every control token has one of these
        for token in tokenizer.added_tokens_decoder.values():
            written = token.content
            if written in text and len(written) > 1 and (token.special or CONTROL.fullmatch(written)):
                text = text.replace(written, f"{written[0]}{BREAK}{written[1:]}")
    return text


def chat_template_hash(tokenizer: Any) -> str:
    """Return 16 hex digits that stand for the tokenizer's chat template."""
    template = tokenizer.chat_template
    text = template if isinstance(template, str) else json.dumps(template, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
