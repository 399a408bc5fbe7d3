"""Bodies of requests and answers, as the API description shows them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class CompleteRequest(BaseModel):
    """One address or many."""

    model_config = ConfigDict(extra="forbid")
    text: str | None = Field(None, description="One address.", examples=["碑林区扬子江南路467-6号"])
    texts: list[str] | None = Field(None, description="Many addresses.")
    contact: bool = Field(False, description="Read name, phone and postcode apart from the address.")


class Alternative(BaseModel):
    """A place that it may be instead."""

    full: str
    confidence: float | None


class CompletionBody(BaseModel):
    """What is known of an address; see docs/reference/formats.md."""

    input: str
    full: str
    province: str
    city: str
    county: str
    town: str
    village: str
    lead: str
    detail: str
    codes: dict[str, str]
    confidence: float | None
    status: Literal["complete", "partial", "ambiguous", "unknown"]
    alternatives: list[Alternative]
    notes: list[str]
    decided: str
    name: str | None = Field(None, description="With contact.")
    phone: str | None = Field(None, description="With contact.")
    postcode: str | None = Field(None, description="With contact.")


class CompleteResponse(BaseModel):
    """A completion for each address, in order."""

    completions: list[CompletionBody]


class ChatMessage(BaseModel):
    """One turn."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatRequest(BaseModel):
    """What OpenAI's clients send. Answers are greedy: a temperature above 0 is refused."""

    model: str = Field(max_length=100)
    messages: list[ChatMessage] = Field(min_length=1, max_length=50)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, ge=0, le=2)
    n: Literal[1] = 1
    stream: bool = False
    stream_options: dict[str, Any] | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the tokens used."""
        return bool((self.stream_options or {}).get("include_usage"))


class AdapterRequest(BaseModel):
    """An adapter to load."""

    model_config = ConfigDict(extra="forbid")
    folder: str = Field(description="Folder inside the one that the service allows.", min_length=1, max_length=300)


class AdapterBody(BaseModel):
    """A loaded adapter."""

    name: str
    bytes: int
    curve: bool
    report: bool


class JobBody(BaseModel):
    """A file that is being completed."""

    id: str
    name: str
    status: Literal["queued", "running", "paused", "done", "failed", "cancelled"]
    rows: int
    counts: dict[str, int]
    rows_per_second: float | None
    to_review: int
    error: str
    created: float
    guesses: list[str]  # how the file was taken: its encoding, sheet, column
