"""What each character of a line is: of a name, a telephone, a postcode, a label or the address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

from buqi.contact import labels
from buqi.contact.labels import ADDRESS, PHONE, POSTCODE
from buqi.contact.numbers import ALONE, LABELLED_PHONE, PHONE_PATTERN, POSTCODE_PATTERN, is_postcode
from buqi.divisions import Matcher
from buqi.divisions.text import PLAIN
from buqi.expressions import expression

LABEL = "label"  # the kind of labels and separators, beside the kinds that labels ask for

SYMBOLS = r"\u2600-\u27bf\U0001f000-\U0001faff\ufe0f"  # to stand in the brackets of a pattern
SEPARATOR = expression(
    rf"[\s,，、;；:|/\\_—–。.>＞→*+=~\-\"'“”‘’•‧·\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060\ufeff{SYMBOLS}]+"
)
MARKUP = expression(r"&(?:[A-Za-z]{2,6}|#\d{1,5}|#x[0-9A-Fa-f]{1,5});|<\s?/?[A-Za-z]{1,6}\s?/?>")
_BLANK = "\x1f"  # stands for each character of HTML; a separator
_DASHES = str.maketrans("—–－‐−", "-----")
OPENING, CLOSING = "([{<【〔「《", ")]}>】〕」》"  # brackets, by their places
_NUMBERED = expression(r"\[\d{3,6}\]")  # of shops that hide the telephone: 王小明[3848]
# A word of its own behind a name: 王小明 先生 收, 王小明(收).
_RECEIVED_ALONE = expression(
    r"(?:(?<=[\s,，、;；:(\[【〔])|(?<=\d))(?:(?:先生|女士|小姐|老师|同志)?\s{0,2}(?:亲?收|亲启|启)|先生|女士|小姐)(?=[\s,，、;；。)\]】〕+|/]|$)"
)
_ASIDE = expression(r"[(\[]?(?:微信同号|同微信号?|微信同步|电话微信同步)[)\]]?")
# What is asked for behind a label and is no part of an address.
_ASKED = {
    labels.NUMBER: expression(r"\s*[\dA-Za-z_-]{4,30}"),
    labels.WORD: expression(r"[^\S\n]*[^\s,，;；|\x00]{1,40}"),
    # All of it if no address can be in it, else its first word.
    labels.REMARK: expression(r"[^\n;；|\x00\d省市区县镇乡路街号]*(?=[\n;；|\x00]|$)|[^\S\n]*[^\s,;|\x00]{0,60}"),
}


@dataclass(frozen=True, slots=True)
class LinePart:
    """``text[start:end]`` is a ``name``, ``phone``, ``postcode``, ``label`` (separators too) or ``address``."""

    start: int
    end: int
    kind: str


class Neighbour(NamedTuple):
    """The nearest character on one side of a position that is no separator.

    Attributes:
        at: where it stands; -1 or the line's length if there is none.
        kind: the kind of that character; ``""`` if there is none.
    """

    at: int
    kind: str


class LineMarks:
    """What each character of a line is, while the line is read.

    Attributes:
        line: the text in one width and one script and without HTML, position by position.
        kinds: the kind of each character.
        asked: the labels.
        received: positions where 收 or a title begins as a word of its own.
        hidden: positions that say something about a telephone: the number of a hidden one, 微信同号.
    """

    def __init__(self, text: str) -> None:
        line = text.translate(PLAIN).translate(_DASHES)
        self.line = MARKUP.sub(lambda found: _BLANK * len(found.group()), line)
        self.kinds = [ADDRESS] * len(text)
        self.asked: list[labels.Label] = []
        self.received: set[int] = set()
        self.hidden: set[int] = set()

    def mark(self, start: int, end: int, kind: str) -> None:
        """Set the kind of ``line[start:end]``."""
        self.kinds[start:end] = [kind] * (end - start)

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing was found in ``line[start:end]`` yet."""
        return all(kind == ADDRESS for kind in self.kinds[start:end])

    def has(self, kind: str) -> bool:
        """Whether something of a kind was found."""
        return kind in self.kinds

    def unmarked(self) -> str:
        """Return the line with \x00 in place of each character that was marked."""
        return "".join(c if kind == ADDRESS else "\x00" for c, kind in zip(self.line, self.kinds, strict=True))

    def before(self, at: int) -> Neighbour:
        """Return the last character before a position that is no separator."""
        at -= 1
        while at >= 0 and self._is_gap(at):
            at -= 1
        return Neighbour(at, self.kinds[at] if at >= 0 else "")

    def behind(self, at: int) -> Neighbour:
        """Return the first character from a position on that is no separator."""
        while at < len(self.line) and self._is_gap(at):
            at += 1
        return Neighbour(at, self.kinds[at] if at < len(self.line) else "")

    def _is_gap(self, at: int) -> bool:
        return at in self.hidden or (self.kinds[at] == ADDRESS and self._separates(at))

    def _separates(self, at: int, brackets: str = OPENING + CLOSING) -> bool:
        return SEPARATOR.match(self.line[at]) is not None or self.line[at] in brackets

    # --- numbers and labels

    def find_labels_and_phones(self) -> None:
        """Mark labels, what some of them ask for, telephones by their form, and words that stand beside a name."""
        self.asked = [label for label in labels.labels(self.line) if self._is_label(label)]
        for label in self.asked:
            self.mark(label.start, label.end, LABEL)
        for label in self.asked:
            if found := self._value(label):
                self.mark(found.start(), found.end(), label.kind if label.kind in (PHONE, POSTCODE) else LABEL)
        self._mark_free(PHONE_PATTERN, PHONE)
        self.received = {start for start, _ in self._mark_free(_RECEIVED_ALONE, LABEL)}
        if self.has(PHONE):
            for pattern in (_NUMBERED, _ASIDE):
                for start, end in self._mark_free(pattern, LABEL):
                    self.hidden.update(range(start, end))

    def _mark_free(self, pattern: re.Pattern[str], kind: str) -> list[tuple[int, int]]:
        """Mark what a pattern finds where nothing was found yet; return (start, end) of each."""
        spans = []
        for found in pattern.finditer(self.line):
            if self.is_free(*found.span()):
                self.mark(*found.span(), kind)
                spans.append(found.span())
        return spans

    def _is_label(self, label: labels.Label) -> bool:
        """Whether a label is one. 电话 without a colon is one only before a number: 电话局 is a place."""
        sure = self.line[label.end - 1] in ":=" or self.line[label.end - 1] in CLOSING
        return sure or label.kind != PHONE or self._value(label) is not None

    def _value(self, label: labels.Label) -> re.Match[str] | None:
        """Return the number or word that a label asks for; ``None`` if it is part of the address, or missing."""
        at = len(self.line) - len(self.line[label.end :].lstrip(" \t,:"))
        if label.kind == PHONE:
            return PHONE_PATTERN.match(self.line, at) or LABELLED_PHONE.match(self.line, at)
        if label.kind == POSTCODE:
            return None if self.has(POSTCODE) else POSTCODE_PATTERN.match(self.line, at)
        if "微信" in self.line[label.start : label.end] and PHONE_PATTERN.match(self.line, at):
            return None  # a telephone all the same
        if pattern := _ASKED.get(label.kind):
            return pattern.match(self.unmarked(), label.end)
        return None

    def find_postcode(self, matcher: Matcher) -> None:
        """Mark six digits that stand alone, or before the address, if they can be the postcode of its province."""
        if self.has(POSTCODE):
            return
        for found in ALONE.finditer(self.line):
            start, end = found.span()
            if not self.is_free(start, end) or not self._apart(start, end):
                continue
            path = matcher.match(self.address_without(start, end)).path
            if is_postcode(found.group(), next(iter(path.codes.values()), "")):
                self.mark(start, end, POSTCODE)
                return

    def _apart(self, start: int, end: int) -> bool:
        """Whether ``line[start:end]`` stands alone, or behind a field and right before the address."""
        before = start == 0 or self.kinds[start - 1] != ADDRESS or self._separates(start - 1, OPENING)
        behind = end == len(self.line) or self.kinds[end] != ADDRESS or self._separates(end, CLOSING)
        front = self.before(start).kind != ADDRESS
        return before and (behind or (front and "\u4e00" <= self.line[end] <= "\u9fff"))

    def address_without(self, start: int, end: int) -> str:
        """Return what is address so far, without ``line[start:end]``; a space stands for what is left out."""
        kinds = [*self.kinds]
        kinds[start:end] = [""] * (end - start)
        pieces = groupby(zip(self.line, kinds, strict=True), key=lambda pair: pair[1] == ADDRESS)
        return "".join("".join(c for c, _ in piece) if own else " " for own, piece in pieces).strip()

    # --- the end

    def cut_separators(self) -> None:
        """Make labels of the separators around fields; one is kept where the address goes on behind a field."""
        if len({*self.kinds}) == 1:
            return
        address = [i for i, kind in enumerate(self.kinds) if kind == ADDRESS and not self._separates(i)]
        if not address:
            self.kinds = [LABEL if kind == ADDRESS else kind for kind in self.kinds]
            return
        self._cut_brackets(address)
        for found in SEPARATOR.finditer(self.line):
            run = [i for i in range(*found.span()) if self.kinds[i] == ADDRESS]
            before, behind = found.start() - 1, found.end()
            outside = before < 0 or behind == len(self.line)
            if outside or self.kinds[before] != ADDRESS or self.kinds[behind] != ADDRESS:
                for i in run:
                    self.kinds[i] = LABEL
        self._keep_one()

    def _cut_brackets(self, address: list[int]) -> None:
        """Make labels of brackets that hold only fields, or all of the characters of the address."""
        for opened, closed in zip(OPENING, CLOSING, strict=True):
            for found in re.finditer(rf"\{opened}([^\{opened}\{closed}]*)\{closed}", self.line):
                inner = range(found.start(1), found.end(1))
                fields = [i for i in inner if self.kinds[i] != ADDRESS]
                alone = fields and all(self.kinds[i] != ADDRESS or SEPARATOR.match(self.line[i]) for i in inner)
                if alone or all(i in inner for i in address):
                    for i in (found.start(), found.end() - 1):
                        if self.kinds[i] == ADDRESS:
                            self.kinds[i] = LABEL

    def _keep_one(self) -> None:
        """Give one separator of each gap back to the address. Without it, two words would become one."""
        own = [i for i, kind in enumerate(self.kinds) if kind == ADDRESS]
        for left, right in pairwise(own):
            for i in range(left + 1, right):
                if self.kinds[i] == LABEL and self.line[i] in " ,;、\n\t\r|/":
                    self.kinds[i] = ADDRESS
                    break

    def parts(self) -> tuple[LinePart, ...]:
        """Return the line in parts: characters of one kind that stand side by side are one part."""
        found, at = [], 0
        for kind, run in groupby(self.kinds):
            end = at + sum(1 for _ in run)
            found.append(LinePart(at, end, kind))
            at = end
        return tuple(found)
