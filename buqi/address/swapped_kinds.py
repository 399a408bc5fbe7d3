"""The kind of a county one character too late, in the name of its town: 阿克苏依市干其乡, 安多措县玛乡."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.completion import Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.address.front_names import FrontName, front_names
from buqi.divisions import Matcher
from buqi.divisions.meaning import FULL
from buqi.divisions.mistyping import MISTYPINGS
from buqi.divisions.text import read
from buqi.expressions import expression

LONGEST = 80  # characters of a text that is read
# One character, the kind, and the rest of a town's name.
LATE_KIND = expression(r"[\u4e00-\u9fff](?P<kind>[县市区旗])[\u4e00-\u9fff]{1,6}?(?:镇|乡|街道|苏木)")
PREFECTURE = "地区"  # 阿克苏 is read as 阿克苏地区 before a town
COUNTY = 6  # characters of its code


class SwappedKinds:
    """Reads a county whose kind is swapped with the first character of its town.

    Args:
        matcher: has the names.
        complete: completes the text in the right order.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.lexicon, self.complete = matcher.lexicon, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer to the text in the right order, or ``answer`` itself if that has no town."""
        if answer.status == "complete" or len(answer.input) > LONGEST or LATE_KIND.search(answer.input) is None:
            return answer
        text, reading = answer.input, read(answer.input)
        front = front_names(self.lexicon, reading.plain, reading.inside(len(answer.lead)))
        late = LATE_KIND.match(reading.plain, front[-1].end) if front else None
        if late is None:
            return answer
        last, kind = front[-1], late["kind"]
        stem = reading.plain[last.start : last.end].removesuffix(PREFECTURE)
        begin, end = reading.where(last.start), reading.after(last.end + 2)
        if (last.kind == FULL and len(stem) == last.end - last.start) or not self._is_county(stem + kind, front):
            return answer
        first = reading.plain[last.end]
        found = self.complete(text[:begin] + stem + kind + first + text[end:])
        if found.status != "complete" or found.path.name("county") != stem + kind:
            return answer
        note = f"{stem}{first}{kind}: read as {stem}{kind} ({MISTYPINGS['swapped']})"
        confidence = min(found.confidence or 0.0, MOST_AGAINST)
        return replace(found, input=text, confidence=confidence, notes=(note, *found.notes))

    def _is_county(self, name: str, front: list[FrontName]) -> bool:
        """Whether a name is a county's in full, which lies in what the names before the last one say."""
        around = max((min(one.codes, key=len) for one in front[:-1]), key=len, default="")
        named = self.lexicon.names.get(name, ())
        return any(m.kind == FULL and len(m.code) == COUNTY and m.code.startswith(around) for m in named)
