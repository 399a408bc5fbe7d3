"""Texts in UTF-8, UTF-16 or GB18030 (GBK and GB2312 are parts of it): which encoding it is, and reading a file."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

from buqi.errors import UsageError, explained

MISTAKEN = {  # encodings that may look like GB18030: the least share of common characters, the name for a user
    "big5": (0.9, "Big5, which has no simplified characters"),
    "shift_jis": (0.3, "Shift-JIS"),
}
COMMON = {  # leading and trailing bytes of an encoding's common characters: signs and level 1, or the kana
    "gb18030": ([*range(0xA1, 0xA4), *range(0xB0, 0xD8)], range(0xA1, 0xFF)),
    "big5": (range(0xA1, 0xC7), range(0x40, 0xFF)),
    "shift_jis": (range(0x82, 0x84), range(0x40, 0xFD)),
}
NO_TEXTS = {  # first bytes of files that are no text
    b"PK\x03\x04": "a workbook (xlsx) or another zip file",
    b"\xd0\xcf\x11\xe0": "an old workbook (xls)",
    b"PAR1": "a parquet file",
    b"ARROW1": "an arrow file",
    b"\x1f\x8b": "a gz file",
    b"%PDF": "a PDF",
    b"\x7fELF": "a program",
}
SHOWN = {"gb18030": "GBK (GB18030)", "utf-16-le": "UTF-16-LE", "utf-16-be": "UTF-16-BE"}
READ_BYTES = 1 << 20
ASCII = bytes(range(0x80))
LEAST = 20  # bytes beyond ASCII; a shorter text may be in either encoding
LONE = re.compile(rb"[\x80-\xff]+")
BROKEN_SHARE = 0.5  # largest share of the characters beyond ASCII that may be broken in a UTF-8 text
GB_SHARE = 0.75  # least share of common characters in a GB18030 text

NAMED = {  # codecs by the names that a user may give; UTF-16 without a mark is little-endian
    "utf-8": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
MARK = "\ufeff"  # the byte order mark, as a character
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
EMOJI = re.compile("[\U0001f000-\U0001faff]")
JOINED = b"\n\xff\xfe"  # UTF-16 behind text of another encoding
TWO_ENCODINGS = "two encodings in one file; save each part as UTF-8 and join them again"
SURELY_UTF8 = 2  # Chinese characters on a line that is valid UTF-8: GBK text is that by chance in 3 of 100,000 lines


def encoding_of(head: bytes, where: str, named: str | None = None) -> str:
    """Return the codec of a text by its beginning: ``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``gb18030``.

    The codec reads a byte order mark as U+FEFF. A character that is cut at the end of ``head`` is ignored.

    Args:
        where: begins a message.
        named: the encoding that the user names, as in `NAMED`; nothing is guessed then.

    Raises:
        UsageError: UTF-32, or one of `MISTAKEN`; or ``named`` is unknown, or the text is in another encoding.
    """
    if named is not None:
        return _codec_named(named, head, where)
    if head[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        raise UsageError(f"{where}: UTF-32 is not read; save it as UTF-8")
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return codec
    broken = _broken(head)
    if b"\x00" in head and (codec := _unmarked_utf16(head, broken)):
        return codec
    if broken < BROKEN_SHARE:  # a few broken bytes do not make it GB18030
        return "utf-8"
    for codec, (share, what) in MISTAKEN.items() if len(head.translate(None, ASCII)) >= LEAST else ():
        if _common(head, codec) > share and _common(head, "gb18030") < GB_SHARE:
            raise UsageError(f"{where}: looks like {what}; save it as UTF-8")
    return "gb18030"


def _codec_named(name: str, head: bytes, where: str) -> str:
    codec = NAMED.get(name.lower().replace("_", "-"))
    if codec is None:
        raise UsageError(f"--encoding {name}: expected one of {', '.join(NAMED)}")
    if name.lower() == "utf-16" and head.startswith(codecs.BOM_UTF16_BE):
        codec = "utf-16-be"
    marked = next((known for mark, known in MARKS.items() if head.startswith(mark)), None)
    if codec != (marked or ("utf-8" if _chinese_utf8(head) else codec)):
        why = "begins with the mark of" if marked else "is valid"
        raise UsageError(f"--encoding {name}: {where} {why} {(marked or 'utf-8').upper()}; leave --encoding out")
    return codec


def _chinese_utf8(head: bytes) -> bool:
    """Return whether a text is valid UTF-8 with Chinese in it. GB18030 that is valid UTF-8 by chance has none."""
    text = _decoded(head, "utf-8")
    beyond = [character for character in text if character > "\x7f"]
    return "\ufffd" not in text and 2 * sum(c >= "\u2e80" for c in beyond) > len(beyond)


def looks_western(data: bytes) -> bool:
    """Return whether bytes beyond ASCII mostly stand alone, as in Windows-1252. In GB18030 they come in pairs."""
    runs = LONE.findall(data)
    return 2 * sum(len(run) == 1 for run in runs) > sum(map(len, runs))


def no_text(head: bytes) -> str:
    """Return the kind of a file that is known to be no text by its first bytes, else ``""``."""
    return next((kind for begin, kind in NO_TEXTS.items() if head.startswith(begin)), "")


def has_mark(head: bytes) -> bool:
    """Return whether a text begins with a byte order mark."""
    return head.startswith(tuple(MARKS))


def _decoded(head: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)("replace").decode(head)


def _broken(head: bytes) -> float:
    """Return the share of the characters beyond ASCII that are broken in UTF-8; nearly all in a GB18030 text."""
    text = _decoded(head, "utf-8")
    return text.count("\ufffd") / max(1, len(text) - len(text.encode("ascii", "ignore")))


def _unmarked_utf16(head: bytes, broken: float) -> str:
    """Return the UTF-16 codec of a text without a mark, or ``""``. The zero bytes of its ASCII characters tell."""
    zeros = {"utf-16-be": head[0::2].count(0), "utf-16-le": head[1::2].count(0)}
    codec = max(zeros, key=lambda name: zeros[name])
    found = zeros[codec]
    if found < 20 * min(zeros.values()) or (not broken and 5 * found < len(head) // 2):
        return ""
    text = _decoded(head, codec)
    return codec if "\ufffd" not in text and ("\n" in text or b"\n" not in head) else ""


def _common(head: bytes, codec: str) -> float:
    """Return the share of the characters beyond ASCII that are common ones of an encoding."""
    text = [character for character in _decoded(head[: 1 << 16], codec) if character > "\x7f"]
    return sum(character in _level_one(codec) for character in text) / max(1, len(text))


@lru_cache
def _level_one(codec: str) -> frozenset[str]:
    """Return the common characters of an encoding, as in `COMMON`."""
    leads, trails = COMMON[codec]
    pairs = b"".join(bytes((lead, trail)) for lead in leads for trail in trails)
    return frozenset(pairs.decode("gb2312" if codec == "gb18030" else codec, "ignore"))


def opened(path: Path) -> IO[bytes]:
    """Open a file to read its bytes, unpacked if it is named .gz."""
    if path.suffix.lower() == ".gz":
        return io.BufferedReader(gzip.open(path, "rb"), READ_BYTES)
    return path.open("rb", READ_BYTES)


def codec_of(path: Path, named: str | None = None) -> tuple[str, str]:
    """Return the codec of a text file and, where it is a guess, the encoding's name for a user, else ``""``.

    It is guessed by the first block of 1 MB that is not all ASCII. UTF-8 and a byte order mark are no guess.

    Raises:
        UsageError: no text, or as `encoding_of`.
        OSError, EOFError, zlib.error: the file cannot be read.
    """
    with opened(path) as file:
        head = block = file.read(READ_BYTES)
        while block.isascii() and b"\x00" not in block and (more := file.read(READ_BYTES)):
            block = more
    if kind := no_text(head):
        raise UsageError(f"{path}: this is no text but {kind}; give the file the suffix of what it is")
    codec = encoding_of(block, str(path), named)
    return codec, "" if named is not None or has_mark(head) else SHOWN.get(codec, "")


def guessed_encoding(path: Path) -> str:
    """Return the name of the encoding that is guessed, as `codec_of`; ``""`` also for what is no text."""
    with suppress(OSError, EOFError, zlib.error, UsageError):
        return codec_of(path)[1]
    return ""


def half_in(text: str) -> str:
    """Return the first lone surrogate of a text, ``""`` if it has none: half a character, or a byte of no encoding."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return text[error.start]
    return ""


def read_text(path: Path, encoding: str | None = None) -> str:
    """Return a file's text: UTF-8 or UTF-16 (with or without mark), or GB18030 (GBK, GB2312); also out of a gzip file.

    `buqi.bulk.text_lines` carries bytes of no encoding along; here they are refused.

    Raises:
        UsageError: missing, a folder, in none of these encodings, or in two of them, or not in the one named; with the
            line.
    """
    data = _bytes_of(path)
    if what := no_text(data):
        raise UsageError(f"{path}: this is no text but {what}; give the file the suffix of what it is")
    codec = encoding_of(data, str(path), encoding)
    if JOINED in data and not data.startswith(codecs.BOM_UTF16_LE):
        line = data.count(b"\n", 0, data.index(JOINED)) + 2
        raise UsageError(f"{path}:{line}: UTF-16 text, but line 1 is UTF-8 or GBK (GB18030): {TWO_ENCODINGS}")
    if encoding is not None:
        return _in_named(path, data, codec, encoding)
    try:
        text = data.decode("utf-8" if codec == "gb18030" else codec)
    except UnicodeDecodeError as error:
        if codec.startswith("utf-16"):
            raise UsageError(f"{path}: neither UTF-8 nor GBK (GB18030) text, nor UTF-16; save it as UTF-8") from error
        text = _in_gb18030(path, data)
    return text.removeprefix(MARK).replace(f"\n{MARK}", "\n")  # files that were joined have a mark each


def _bytes_of(path: Path) -> bytes:
    """Return a file's bytes, unpacked if it is a gzip file."""
    with explained(f"{path}: cannot be read", OSError, EOFError, zlib.error, error=UsageError):
        if not path.exists():
            raise UsageError(f"{path}: no such file")
        if path.is_dir():
            raise UsageError(f"{path} is a folder; name a file in it")
        if path.is_char_device() or path.is_block_device():  # some of them never end
            raise UsageError(f"{path}: a device, no file")
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def _in_named(path: Path, data: bytes, codec: str, encoding: str) -> str:
    """Return text in the encoding that the user named."""
    try:
        return data.decode(codec).removeprefix(MARK)
    except UnicodeDecodeError as error:
        line = data[: error.start].decode(codec).count("\n") + 1
        raise UsageError(f"{path}:{line}: not in --encoding {encoding}; without the option it is found") from error


def _in_gb18030(path: Path, data: bytes) -> str:
    """Return text that is not UTF-8 as GB18030. Refuse it if some lines are UTF-8: GB18030 would make other words."""
    as_utf8: dict[bool, int] = {}  # the first line that surely is UTF-8 (True), and the first that is not (False)
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            text = line.decode("utf-8")
            surely = len(CHINESE.findall(text)) >= SURELY_UTF8 or EMOJI.search(text)
            if surely or not _decodes(line, "gb18030"):
                as_utf8.setdefault(True, number)
        except UnicodeDecodeError:
            as_utf8.setdefault(False, number)
            if not _decodes(line, "gb18030"):
                reason = "neither UTF-8 nor GBK (GB18030) text"
                raise UsageError(f"{path}:{number}: {reason}; save the whole file as UTF-8") from None
    if True in as_utf8:
        odd = max(as_utf8.values())
        here, there = ("UTF-8", "GBK (GB18030)") if as_utf8[True] == odd else ("GBK (GB18030)", "UTF-8")
        raise UsageError(f"{path}:{odd}: {here} text, but line {min(as_utf8.values())} is {there}: {TWO_ENCODINGS}")
    if looks_western(data):
        raise UsageError(
            f"{path}:{as_utf8[False]}: looks like Windows-1252 text, no GBK (GB18030); save it as UTF-8, or name its "
            "encoding with --encoding"
        )
    return data.decode("gb18030")


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
