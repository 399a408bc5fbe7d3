"""Lines of text files, also .gz, as bytes: a line that nothing changes is written as it was read."""

from __future__ import annotations

import gzip
import io
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

from buqi.encoding import READ_BYTES, codec_of, opened
from buqi.errors import UsageError, explained

LONGEST_LINE = 1 << 26  # bytes


class TextLines:
    """A text file's lines, and its encoding (`codec_of`). `buqi.encoding.read_text` refuses what is carried along here.

    Raises:
        UsageError: damaged, no text, or in an encoding that is not read.
    """

    def __init__(self, path: Path, named: str | None = None) -> None:
        self.path = path
        with self._explained():
            self.encoding, guess = codec_of(path, named)
        self.guesses = [f"read as {guess}"] if guess else []
        self.is_utf16 = self.encoding.startswith("utf-16")
        self.errors = "surrogatepass" if self.is_utf16 else "surrogateescape"

    def decoded(self, line: bytes) -> str:
        """Return a line as text, without a byte order mark. Bytes that are not in the encoding become surrogates."""
        return line.decode(self.encoding, self.errors).removeprefix("\ufeff")

    def encoded(self, text: str) -> bytes:
        """Return text as the file holds it."""
        return text.encode(self.encoding, self.errors)

    def mark(self, line: bytes) -> bytes:
        """Return the byte order mark that a line begins with: also a later line, where files were joined."""
        return line[: len(line) - len(self.encoded(self.decoded(line)))]

    def lines(self, at_cr: bool) -> Iterator[bytes]:
        """Yield the lines with their ends; with ``at_cr`` a carriage return alone ends a line too."""
        with self._explained(), opened(self.path) as file:
            yield from self._utf16_lines(file, at_cr) if self.is_utf16 else self._lines(file, at_cr)

    def count(self, byte: bytes) -> int:
        """Return how often a byte is in the file."""
        with self._explained(), opened(self.path) as file:
            return sum(block.count(byte) for block in iter(lambda: file.read(READ_BYTES), b""))

    def _lines(self, file: IO[bytes], at_cr: bool) -> Iterator[bytes]:
        while line := file.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise self._too_long()
            if at_cr and (b"\r" in line[:-2] or not line.endswith(b"\n")):
                yield from line.splitlines(keepends=True)
            else:
                yield line

    def _utf16_lines(self, file: IO[bytes], at_cr: bool) -> Iterator[bytes]:
        text = io.TextIOWrapper(file, self.encoding, errors=self.errors, newline="" if at_cr else "\n")
        while line := text.readline(LONGEST_LINE // 2 + 1):
            if len(line) > LONGEST_LINE // 2:
                raise self._too_long()
            yield self.encoded(line)

    def _too_long(self) -> UsageError:
        return UsageError(f"{self.path}: a line is longer than {LONGEST_LINE >> 20} MB")

    def join(self, head: bytes, parts: Sequence[Path], target: Path) -> None:
        """Write ``head`` and the parts as one file, compressed if this one is."""
        with target.open("wb") as file:
            out: Any = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if self.is_gzip else file  # no draft's name in it
            out.write(head)
            for part in parts:
                with part.open("rb") as written:
                    shutil.copyfileobj(written, out, READ_BYTES)
            if self.is_gzip:
                out.close()

    @property
    def is_gzip(self) -> bool:
        """Whether it is a .gz file."""
        return self.path.suffix.lower() == ".gz"

    def _explained(self) -> AbstractContextManager[None]:
        broken = (OSError, EOFError, zlib.error, UnicodeError)
        return explained(f"{self.path}: cannot be read", *broken, error=UsageError)
