"""Bodies of requests and answers, as the API description shows them."""

from __future__ import annotations

import re
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from buqi.divisions import LEVELS
from buqi.serve.problems import presentable


class AddressRow(BaseModel):
    """An address whose levels may stand in fields of their own, as in a table with a column for each."""

    model_config = ConfigDict(extra="forbid")
    province: str | None = Field(default=None, description="A name or code; also beside text.", examples=["陕西"])
    city: str | None = Field(default=None, description="The same.")
    county: str | None = Field(default=None, description="The same.")
    town: str | None = Field(default=None, description="The same.")
    text: str | None = Field(default=None, description="The address, or what is left.", examples=["扬子江南路467-6号"])

    @property
    def has_levels(self) -> bool:
        """Whether any level is given."""
        return any(getattr(self, level) is not None for level in LEVELS)


class CompleteRequest(AddressRow):
    """One address (``text``, with levels beside it or not) or many (``texts`` or ``rows``)."""

    texts: list[str] | None = Field(None, description="Many addresses.")
    rows: list[AddressRow] | None = Field(None, description="Many addresses with levels beside them.")
    contact: bool = Field(False, description="Read name, phone and postcode apart from the address.")

    @model_validator(mode="before")
    @classmethod
    def _any_kind(cls, given: Any) -> Any:
        if isinstance(given, dict) and not {"text", "texts", "rows", *LEVELS} & given.keys():
            unknown = ", ".join(str(key)[:40] for key in given if key not in cls.model_fields)
            unknown = unknown and f"; not known: {presentable(unknown)[:200]}"
            raise ValueError(f"text or texts is needed (or rows, or levels){unknown}")
        return given

    @model_validator(mode="after")
    def _one_kind(self) -> CompleteRequest:
        one = self.text is not None or self.has_levels
        if one + (self.texts is not None) + (self.rows is not None) != 1:
            raise ValueError("give one of text (with levels or not), texts, rows")
        return self

    @property
    def asked(self) -> list[AddressRow]:
        """The addresses, one a row."""
        if self.texts is not None:
            return [AddressRow(text=text) for text in self.texts]
        return self.rows if self.rows is not None else [self]


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


class TextPart(BaseModel):
    """A piece of a turn; other kinds than text are refused."""

    type: Literal["text", "input_text", "output_text"] = "text"
    text: str


class ChatMessage(BaseModel):
    """One turn. ``developer`` is OpenAI's newer word for ``system``; content may come in pieces.

    The content of an assistant that called tools is null, which is no text.
    """

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[TextPart] | None = None

    @field_validator("role", mode="before")
    @classmethod
    def _no_tool(cls, value: Any) -> Any:
        if value in ("tool", "function"):
            raise ValueError(f"no tools are called here; leave messages of the role {value} out")
        return value

    @field_validator("content", mode="before")
    @classmethod
    def _only_text(cls, value: Any) -> Any:
        if value is not None and not isinstance(value, (str, list)):
            raise ValueError("expected text, or a list of text parts")
        for part in value if isinstance(value, list) else ():
            kind = part.get("type", "text") if isinstance(part, dict) else type(part).__name__
            if kind not in get_args(TextPart.model_fields["type"].annotation):
                raise ValueError(f"only text parts are read, found {presentable(str(kind))[:40]}")
            if not isinstance(part.get("text"), str):
                raise ValueError("only text parts are read, found one without text")
        return value

    @model_validator(mode="after")
    def _asks(self) -> ChatMessage:
        if self.content is None and self.role != "assistant":
            raise ValueError("content is missing")
        return self

    def plain(self) -> dict[str, str]:
        """Return the turn as role and text."""
        content = self.content or ""
        text = content if isinstance(content, str) else "".join(part.text for part in content)
        return {"role": "system" if self.role == "developer" else self.role, "content": text}


class StreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool | None = None


# Fields of OpenAI's API that ask for nothing, always or while they have one of these values: no warning names them.
SAYS_NOTHING = ("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key")
EMPTY: tuple[Any, ...] = (None, [], {})
AT_REST: dict[str, tuple[Any, ...]] = {
    "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0),
    "logprobs": (None, False),
    "top_logprobs": (None, 0),
    "parallel_tool_calls": (None, True, False),
    "tool_choice": (None, "none"),
    "response_format": (None, {"type": "text"}),
}
# Values that ask for no sampling.
GREEDY: dict[str, tuple[float | None, ...]] = {"temperature": (None, 0), "top_p": (None, 0, 1)}


class ChatRequest(BaseModel):
    """What OpenAI's clients send. Answers are greedy: sampling has no effect, which a header of the answer says.

    Fields that are not known have no effect either, and are named in the same header.
    """

    model_config = ConfigDict(extra="allow")
    model: str = Field(max_length=100)
    messages: list[ChatMessage] = Field(min_length=1, max_length=1000)
    max_tokens: int | None = Field(None, ge=1, description="As many as the service allows if not given, or -1.")
    max_completion_tokens: int | None = Field(None, ge=1, description="The same.")
    temperature: float | None = Field(None, ge=0, le=2, description="No effect: answers are greedy.")
    top_p: float | None = Field(None, ge=0, le=1, description="No effect: answers are greedy.")
    seed: int | None = Field(None, description="No effect: the same question has the same answer.")
    stop: str | list[str] | None = Field(None, description="Up to four texts before which an answer ends.")
    n: int | None = Field(1, ge=1, le=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None

    @field_validator("max_tokens", "max_completion_tokens", mode="before")
    @classmethod
    def _no_limit(cls, value: Any) -> Any:
        return None if value == -1 else value

    @field_validator("stop")
    @classmethod
    def _at_most_four(cls, value: Any) -> Any:
        stops = [value] if isinstance(value, str) else value or []
        if len(stops) > 4 or any(len(stop) > 100 for stop in stops):
            raise ValueError("up to four texts of at most 100 characters")
        return value

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts before which the answer ends."""
        stops = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return tuple(stop for stop in stops if stop)

    @property
    def wants_usage(self) -> bool:
        """Whether a stream ends with the tokens used."""
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def without_effect(self) -> str:
        """What of the request has no effect, in one line for a header; empty if all of it has."""
        useless = [
            f"{key} has no effect (answers are greedy)"
            for key, values in GREEDY.items()
            if getattr(self, key) not in values
        ]
        extra = self.model_extra or {}
        unknown = sorted(key for key in extra if key not in SAYS_NOTHING and extra[key] not in AT_REST.get(key, EMPTY))
        if unknown:
            useless.append(f"not known here: {', '.join(map(_in_header, unknown[:20]))}")
        return "; ".join(useless)


def _in_header(name: str) -> str:
    """Return a field's name as a header may have it: 40 characters of ASCII, without any that divide headers."""
    escaped = name.encode("ascii", "backslashreplace").decode()
    return re.sub(r"[^A-Za-z0-9_.\\-]", "?", escaped)[:40]


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


JobStatus = Literal["queued", "running", "paused", "done", "failed", "cancelled"]


class JobBody(BaseModel):
    """A file that is being completed."""

    id: str
    name: str
    status: JobStatus
    rows: int
    counts: dict[str, int]
    rows_per_second: float | None
    to_review: int
    error: str
    created: float
    guesses: list[str]  # how the file was taken: its encoding, sheet, column
