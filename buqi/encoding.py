"""Which encoding a text is in: UTF-8, UTF-16 or GB18030 (with GBK and GB2312 in it)."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from buqi.errors import UsageError

MISTAKEN = {  # what may look like GB18030: which share of it is at least common, and its name for a user
    "big5": (0.9, "Big5, which has no simplified characters"),
    "shift_jis": (0.3, "Shift-JIS"),
}
COMMON = {  # leading and trailing bytes of an encoding's common characters: the signs and level 1, the kana
    "gb18030": ([*range(0xA1, 0xA4), *range(0xB0, 0xD8)], range(0xA1, 0xFF)),
    "big5": (range(0xA1, 0xC7), range(0x40, 0xFF)),
    "shift_jis": (range(0x82, 0x84), range(0x40, 0xFD)),
}
NO_TEXTS = {  # how files begin that are no text
    b"PK\x03\x04": "a workbook (xlsx) or another zip file",
    b"\xd0\xcf\x11\xe0": "an old workbook (xls)",
    b"PAR1": "a parquet file",
    b"ARROW1": "an arrow file",
    b"\x1f\x8b": "a gz file",
    b"%PDF": "a PDF",
    b"\x7fELF": "a program",
}
ASCII = bytes(range(0x80))
LEAST = 20  # bytes beyond ASCII that such a text has: shorter ones may be either
LONE = re.compile(rb"[\x80-\xff]+")
BROKEN_SHARE = 0.5  # of the characters of a UTF-8 text at most are broken
GB_SHARE = 0.75  # of the characters of a GB18030 text at least are common ones, read as GB18030

NAMED = {  # what a user may name, and the codec; UTF-16 without a mark is little-endian
    "utf-8": "utf-8",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "utf-16": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
}

MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def encoding_of(head: bytes, where: str, named: str | None = None) -> str:
    """Return the codec of a text by its beginning: ``utf-8``, ``utf-16-le``, ``utf-16-be`` or ``gb18030``.

    A mark at the beginning is no part of what the codec reads: it becomes U+FEFF. A character that the end of ``head``
    cuts counts for nothing.

    Args:
        where: begins a message.
        named: the encoding that the user names, as in `NAMED`; nothing is guessed then.

    Raises:
        UsageError: UTF-32, or one of `MISTAKEN`; or ``named`` is not read, or not what it is.
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
    """Return whether a text is whole UTF-8 with Chinese in it: GB18030 that is so by chance has no Chinese in UTF-8."""
    text = _decoded(head, "utf-8")
    beyond = [character for character in text if character > "\x7f"]
    return "\ufffd" not in text and 2 * sum(c >= "\u2e80" for c in beyond) > len(beyond)


def looks_western(data: bytes) -> bool:
    """Return whether bytes beyond ASCII mostly stand alone, as in Windows-1252: in GB18030 they come in pairs."""
    runs = LONE.findall(data)
    return 2 * sum(len(run) == 1 for run in runs) > sum(map(len, runs))


def no_text(head: bytes) -> str:
    """Return what a file is by its beginning if it is a known kind that is no text, else ``""``."""
    return next((kind for begin, kind in NO_TEXTS.items() if head.startswith(begin)), "")


def has_mark(head: bytes) -> bool:
    """Return whether a text begins with a mark that says its encoding."""
    return head.startswith(tuple(MARKS))


def _decoded(head: bytes, codec: str) -> str:
    return codecs.getincrementaldecoder(codec)("replace").decode(head)


def _broken(head: bytes) -> float:
    """Return the share of the characters beyond ASCII that are none in UTF-8; nearly all where it is GB18030."""
    text = _decoded(head, "utf-8")
    return text.count("\ufffd") / max(1, len(text) - len(text.encode("ascii", "ignore")))


def _unmarked_utf16(head: bytes, broken: float) -> str:
    """Return the UTF-16 codec of a text without a mark, or ``""``: its ASCII characters have zeros on one side."""
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
