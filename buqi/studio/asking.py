"""Base and adapters that answer a question on the page: one base in memory, with the adapters that were asked."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from buqi.answering import AnswerOptions
from buqi.artefact import WEIGHTS
from buqi.engine.protocol import BASE
from buqi.errors import BuqiError, UsageError
from buqi.loading.models import base_of
from buqi.serve.problems import Problem
from buqi.serve.settings import ServiceSettings
from buqi.studio.libraries import import_libraries

if TYPE_CHECKING:
    from buqi.serve.models import Models

MOST_TOKENS = 96
MOST_CHARACTERS = 500
MOST_ADAPTERS = 4


class Asker:
    """Answers with a base or a run's adapter.

    Args:
        folder: for the settings of the models.
        base: what answers where no adapter says its base.
    """

    def __init__(self, folder: Path, base: str) -> None:
        self.folder, self.base = folder, base
        self.lock = threading.Lock()
        self.models: Models | None = None
        self.spec = ""

    def ask(self, text: str | None, adapters: list[Path | None]) -> list[str]:
        """Return what the base (``None``) or each adapter writes to a text.

        Raises:
            UsageError: no text, one too long, or adapters of different bases.
            BuqiError: a model cannot be loaded.
        """
        text = text or ""
        if not text.strip() or len(text) > MOST_CHARACTERS:
            raise UsageError(f"expected a question of 1 to {MOST_CHARACTERS} characters, found {len(text)}")
        bases = {base_of(adapter) for adapter in adapters if adapter is not None} or {self.base}
        if len(bases) > 1:
            raise UsageError(f"these were trained on different bases: {', '.join(sorted(bases))}")
        with self.lock:
            try:
                return self._ask(text, adapters, bases.pop())
            except Problem as problem:
                raise BuqiError(problem.message) from problem

    def _ask(self, text: str, adapters: list[Path | None], spec: str) -> list[str]:
        import_libraries()
        from buqi.serve.models import Chat, Models

        if self.models is None or self.spec != spec:
            self.models = None  # two bases are never held
            options = AnswerOptions("generate", model=spec, engine="torch", free=True)
            settings = ServiceSettings(data=self.folder, chat=options, most_adapters=MOST_ADAPTERS)
            self.models, self.spec = Models(settings), spec
        names = [BASE if adapter is None else self._loaded(self.models, adapter) for adapter in adapters]
        message = [{"role": "user", "content": text}]
        of_adapter = next((name for name in names if name != BASE), BASE)
        # the base is asked as the adapter was trained to be, else another prompt would make the difference
        prompts = [self.models.prompt(of_adapter if name == BASE else name, message) for name in names]
        chats = [Chat(name, prompt) for name, prompt in zip(names, prompts, strict=True)]
        found = self.models.generate(MOST_TOKENS, chats)
        return [answer.message if isinstance(answer, Problem) else answer.text for answer in found]

    def _loaded(self, models: Models, adapter: Path) -> str:
        """Return the name under which an adapter is in memory; load it if it is not, in place of the oldest."""
        about = (adapter / WEIGHTS).stat()
        name = hashlib.sha256(f"{adapter} {about.st_mtime_ns} {about.st_size}".encode()).hexdigest()[:16]
        if name not in models.folders:
            while len(models.folders) >= MOST_ADAPTERS:
                models.remove(next(iter(models.folders)))
            models.add(name, adapter)
        return name
