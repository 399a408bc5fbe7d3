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

from buqi.encoding import encoding_of, has_mark, no_text
from buqi.errors import UsageError, explained

READ_BYTES = 1 << 20
LONGEST_LINE = 1 << 26  # bytes
SHOWN = {"gb18030": "GB18030", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


class TextLines:
    """A text file's lines, and its encoding.

    The encoding is guessed from the first block of 1 MB that is not all ASCII, unless it is ``named``.

    Raises:
        UsageError: damaged, no text, or in an encoding that is not read.
    """

    def __init__(self, path: Path, named: str | None = None) -> None:
        self.path = path
        with self._explained(), self._open() as file:
            head = block = file.read(READ_BYTES)
            while block.isascii() and b"\x00" not in block and (more := file.read(READ_BYTES)):
                block = more
        if kind := no_text(head):
            raise UsageError(f"{path}: this is no text but {kind}; give the file the suffix of what it is")
        self.encoding = encoding_of(block, str(path), named)
        self.is_utf16 = self.encoding.startswith("utf-16")
        self.errors = "surrogatepass" if self.is_utf16 else "surrogateescape"
        unsaid = named is None and self.encoding != "utf-8" and not has_mark(head)
        self.guesses = [f"read as {SHOWN[self.encoding]}"] if unsaid else []

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
        with self._explained(), self._open() as file:
            yield from self._utf16_lines(file, at_cr) if self.is_utf16 else self._lines(file, at_cr)

    def count(self, byte: bytes) -> int:
        """Return how often a byte is in the file."""
        with self._explained(), self._open() as file:
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

    def _open(self) -> IO[bytes]:
        if self.is_gzip:
            return io.BufferedReader(gzip.open(self.path, "rb"), READ_BYTES)
        return self.path.open("rb", READ_BYTES)

    def _explained(self) -> AbstractContextManager[None]:
        broken = (OSError, EOFError, zlib.error, UnicodeError)
        return explained(f"{self.path}: cannot be read", *broken, error=UsageError)
