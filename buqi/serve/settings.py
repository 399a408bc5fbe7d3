"""What a service may do, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from buqi.answering import AnswerOptions
from buqi.engine.protocol import MOST_ADAPTERS


@dataclass(frozen=True)
class ServiceSettings:
    """ServiceSettings of one service.

    Attributes:
        data: folder of jobs, their files and results; it survives a restart.
        answering: how addresses are completed, without a model.
        chat: the model and engine for chat; without it only addresses are completed.
        adapters: adapters loaded at the start, by name.
        adapters_dir: folder that adapters may be loaded from at run time; without it none may.
        keys: file of hashed API keys; without it everyone may ask.
        rate: requests a second that one client may send on average; 0 for any number.
        burst: how many it may send at once.
        body_bytes: largest body of a request, uploads apart.
        upload_bytes: largest uploaded file.
        unpacked_bytes: largest size of an upload once unpacked.
        texts: most addresses in one request.
        text_length: longest address, in characters.
        queue: most addresses (or chats) waiting; more are told to come again.
        timeout: seconds for one request.
        at_once: most requests for completions that are worked on; more are told to come again at once.
        patience: seconds for a request to come whole.
        most_adapters: most adapters in memory.
        max_tokens: most tokens of a chat answer.
        jobs: most jobs kept.
        log_text: write addresses into the log.
        origins: origins that browsers may call from (CORS); none.
    """

    data: Path
    answering: AnswerOptions = field(default_factory=AnswerOptions)
    chat: AnswerOptions | None = None
    adapters: dict[str, Path] = field(default_factory=dict)
    adapters_dir: Path | None = None
    keys: Path | None = None
    rate: float = 0.0
    burst: int = 50
    body_bytes: int = 1_000_000
    upload_bytes: int = 200_000_000
    unpacked_bytes: int = 1_000_000_000
    texts: int = 1000
    text_length: int = 500
    queue: int = 4000
    timeout: float = 60.0
    at_once: int = 64
    patience: float = 20.0
    most_adapters: int = MOST_ADAPTERS
    max_tokens: int = 512
    jobs: int = 1000
    log_text: bool = False
    origins: tuple[str, ...] = ()
