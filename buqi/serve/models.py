"""Models that chat: the address chain, the base, and its adapters that come and go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.answering import open_model
from buqi.artefact import check_adapter, check_is_adapter
from buqi.base import resolve
from buqi.engine import BASE
from buqi.engine.llama_engine import LlamaEngine
from buqi.engine.protocol import ADAPTER_NAME, TooManyAdaptersError
from buqi.errors import BuqiError, UsageError
from buqi.loading import UNTUNED
from buqi.loading.gguf_cache import lora_of
from buqi.serve.problems import Problem
from buqi.serve.room import no_room
from buqi.serve.settings import ServiceSettings
from buqi.task import ADDRESS, Task, tokens

if TYPE_CHECKING:
    from buqi.engine import Answer

SHOWN_FILES = {"curve": "curve.png", "report": "report.html"}  # of an adapter
CHAIN = "buqi-address"  # the name under which table and memory answer as a chat model


@dataclass(frozen=True)
class Chat:
    """A prompt for the base or an adapter.

    Attributes:
        tell: called with each piece of the answer as it is written.
        left: set once nobody waits for the answer any more.
    """

    model: str
    prompt: str
    tell: Callable[[str], None] | None = None
    left: threading.Event = field(default_factory=threading.Event)


class Models:
    """The model in memory, and the adapters loaded onto it.

    Raises:
        BuqiError: the model or an adapter of the settings cannot be loaded.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.folders: dict[str, Path] = {}
        self.tasks: dict[str, Task] = {}
        self.lock = threading.RLock()
        self.engine: Any = None
        self.base: Path | None = None
        if settings.chat is None:
            return
        for name, folder in settings.adapters.items():
            try:
                check_is_adapter(folder)
            except UsageError as error:
                raise UsageError(f"--adapter {name}={error}") from error
        opened = open_model(replace(settings.chat, adapter=Path(UNTUNED)))
        self.engine, self.tasks[BASE] = opened.engine, opened.task
        self.engine.most_adapters = settings.most_adapters
        self.base = None if settings.chat.model_spec.endswith(".gguf") else resolve(settings.chat.model_spec)
        for name, folder in settings.adapters.items():
            try:
                self.add(name, folder)
            except Problem as problem:
                raise UsageError(f"--adapter {name}={folder}: {problem}") from problem

    @property
    def names(self) -> list[str]:
        """Names that a chat may ask for."""
        return [CHAIN] + ([BASE, *self.folders] if self.engine is not None else [])

    def add(self, name: str, folder: Path) -> None:
        """Load an adapter under a name.

        Raises:
            Problem: no model here that takes adapters, or a bad name.
            BuqiError: not an adapter of this base, or one too many.
        """
        if self.engine is None or self.base is None:
            raise Problem(409, "this service runs no model that takes adapters (--model FOLDER)", "no_model")
        if not ADAPTER_NAME.fullmatch(name) or name in (BASE, CHAIN):
            raise Problem(422, "a name has letters, digits, - and _", "bad_name")
        check_adapter(folder, self.base)
        task = Task.load(folder, self.engine.tokenizer) or ADDRESS
        weights = lora_of(folder) if isinstance(self.engine, LlamaEngine) else folder
        with self.lock:
            self.engine.add(name, weights)
            self.folders[name], self.tasks[name] = folder, task

    def allowed(self, folder: str) -> Path:
        """Return a folder inside the one that adapters may come from; a `Problem` if it is outside, also by a link."""
        root = self.settings.adapters_dir
        if root is None:
            raise Problem(403, "no adapters may be loaded here (--adapters_dir)", "not_allowed")
        root = root.resolve()
        try:
            path = (root / folder).resolve()
            files = list(path.iterdir()) if path.is_relative_to(root) and path != root else None
        except (OSError, ValueError, RuntimeError):  # a name that is none, no folder, a link to itself
            files = None
        if files is None:
            raise Problem(404, "no such adapter in the allowed folder", "not_found")
        for file in files:
            if not file.resolve().is_relative_to(root):
                raise Problem(403, "the adapter holds a link that leads outside", "not_allowed")
            if file.suffix in (".bin", ".pt", ".pth", ".pkl", ".ckpt"):
                raise Problem(403, "the adapter holds a pickled file; only safetensors are loaded", "not_allowed")
        return path

    def load(self, name: str, folder: str) -> dict[str, Any]:
        """Load an adapter from the allowed folder and return what is shown of it.

        Raises:
            Problem: it may not be loaded, or is none of this base.
        """
        path = self.allowed(folder)
        try:
            self.add(name, path)
        except Problem:
            raise
        except BuqiError as error:
            message = str(error).replace(f"{path}/", "").replace(str(path), folder)
            status = 409 if isinstance(error, TooManyAdaptersError) else 422
            raise Problem(status, message, "bad_adapter") from error
        except Exception as error:  # no check has found it: the folder is at fault, not the service
            if no_room(error):
                raise
            raise Problem(422, f"this adapter cannot be loaded ({type(error).__name__})", "bad_adapter") from error
        return self.about(name)

    def remove(self, name: str) -> None:
        """Take an adapter out of memory."""
        with self.lock:
            self.folder(name)
            self.engine.remove(name)
            del self.folders[name], self.tasks[name]

    def about(self, name: str) -> dict[str, Any]:
        """Return what is shown of an adapter; a `Problem` if it is not loaded."""
        with self.lock:  # else it might be taken out of memory meanwhile
            files = {what: (self.folder(name) / file).is_file() for what, file in SHOWN_FILES.items()}
            return {"name": name, "bytes": self.engine.adapter_bytes(name)} | files

    def shown(self) -> list[dict[str, Any]]:
        """Return what is shown of each adapter."""
        with self.lock:
            return [self.about(name) for name in self.folders]

    def folder(self, name: str) -> Path:
        """Return an adapter's folder; a `Problem` if it is not loaded."""
        if name not in self.folders:
            raise Problem(404, "no such adapter", "not_found")
        return self.folders[name]

    def prompt(self, model: str, messages: Sequence[dict[str, str]]) -> str:
        """Return the whole prompt of a chat, with the model's own task around the first question.

        Raises:
            Problem: no such model, or messages that do not take turns.
        """
        task = self.tasks.get(model)
        if task is None or self.engine is None:
            raise not_loaded(model)
        first = next((at for at, message in enumerate(messages) if message["role"] != "system"), len(messages))
        system = "\n\n".join(message["content"] for message in messages[:first]) if first else None
        messages = messages[first:]
        turns = [message["role"] for message in messages]
        if turns != (["user", "assistant"] * len(turns))[: len(turns)] or len(turns) % 2 == 0:
            turn = "messages: system messages may stand first; user and assistant take turns"
            raise Problem(422, turn, "bad_messages", param="messages")
        contents = [message["content"] for message in messages]
        return task.prompt_text(self.engine.tokenizer, contents[::2], contents[1::2], system)

    def generate(self, most: int, chats: list[Chat]) -> list[Answer | Problem]:
        """Return an answer of at most ``most`` tokens to each chat. The engine writes those of all threads together."""
        return [self._answer_to(most, chat) for chat in chats]

    def _answer_to(self, most: int, chat: Chat) -> Answer | Problem:
        def written(_: int, text: str) -> None:
            if chat.left.is_set():
                raise Problem(499, "the client has left", "client_left")
            if chat.tell is not None:
                chat.tell(text)

        if chat.model not in (BASE, *self.folders):
            return not_loaded(chat.model)
        try:
            (found,) = self.engine.generate([chat.prompt], most, [chat.model], written=written)
        except UsageError:  # an adapter that has just left
            return not_loaded(chat.model)
        answer: Answer = found
        return answer

    def used(self, prompt: str, answer: str) -> tuple[int, int]:
        """Return how many tokens a prompt and its answer have."""
        return len(tokens(self.engine.tokenizer, prompt)), len(tokens(self.engine.tokenizer, answer))


def not_loaded(model: str) -> Problem:
    """Return the answer to a chat that asks for a model which is not loaded."""
    return Problem(404, f"the model {model!r} is not loaded here", "model_not_found", param="model")
