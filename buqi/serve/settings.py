"""What a service may do, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from buqi.answering import AnswerOptions
from buqi.engine.protocol import MOST_ADAPTERS


@dataclass(frozen=True)
class ServiceSettings:
    """What one service may do, and how much of it."""

    data: Path  # folder of jobs, their files and results; it survives a restart
    answering: AnswerOptions = field(default_factory=AnswerOptions)  # how addresses are completed, without a model
    chat: AnswerOptions | None = None  # the model and engine for chat; without it only addresses are completed
    adapters: dict[str, Path] = field(default_factory=dict)  # adapters loaded at the start, by name
    adapters_dir: Path | None = None  # folder that adapters may be loaded from at run time; without it none may
    keys: Path | None = None  # file of hashed API keys; without it everyone may ask
    rate: float = 0.0  # requests a second that one client may send on average; 0 for any number
    burst: int = 50  # how many it may send at once
    body_bytes: int = 1_000_000  # largest body of a request, uploads apart
    upload_bytes: int = 200_000_000  # largest uploaded file
    unpacked_bytes: int = 1_000_000_000  # largest size of an upload once unpacked
    texts: int = 1000  # most addresses in one request
    text_length: int = 500  # longest address, in characters
    queue: int = 4000  # most addresses (or chats) waiting; more are told to come again
    timeout: float = 60.0  # seconds for one request
    at_once: int = 64  # most requests for completions that are worked on; more are told to come again at once
    patience: float = 20.0  # seconds for a request to come whole
    most_adapters: int = MOST_ADAPTERS  # most adapters in memory
    max_tokens: int = 512  # most tokens of a chat answer
    jobs: int = 1000  # most jobs kept
    jobs_each: int = 200  # most jobs kept for one key
    mcp: bool = False  # serve tools for agents too
    log_text: bool = False  # write addresses into the log
    origins: tuple[str, ...] = ()  # origins that browsers may call from (CORS)
    hosts: tuple[str, ...] = ()  # names that a request without a key may be sent to, beside localhost
    root_path: str = ""  # under which a proxy shows the service
    any_address: bool = False  # requests without a key may be sent to any IP address, not only to this machine's own
