"""Names at the end of an address, from the smallest: 文三路478号西湖区杭州浙江."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from buqi.divisions import Table
from buqi.divisions.names import short_names
from buqi.expressions import expression

COUNTRY = expression(r"(?:中国|(?i:china))$")
SEPARATORS_BEHIND = expression(r"[\s,，;；、/|.。—-]+$")
# A name that separators part from a road or house before it.
SHORT_COUNTY = expression(r"(?:[路街巷弄村号室楼城]|大道|[0-9])[\s,，;；、/|]+(?P<name>[\u4e00-\u9fff]{2,4})$")
Name = tuple[str, list[str]]  # as written, and the codes that it may mean


class TailNames:
    """Finds a county or town at the end of an address, with what is around it behind it.

    Args:
        table: the divisions.
    """

    def __init__(self, table: Table) -> None:
        self.table = table

    @cached_property
    def codes(self) -> dict[str, list[str]]:
        """Codes by name: of provinces and cities in full and short, of counties in full."""
        found: dict[str, list[str]] = defaultdict(list)
        for level in ("province", "city", "county"):
            for division in self.table.at(level):
                for name in (division.name, *(short_names(division.name) if level != "county" else ())):
                    found[name].append(division.code)
        return dict(found)

    @cached_property
    def short_counties(self) -> dict[str, list[str]]:
        """Codes of the counties by their short names."""
        found: dict[str, list[str]] = defaultdict(list)
        for division in self.table.at("county"):
            for name in short_names(division.name):
                found[name].append(division.code)
        return dict(found)

    @cached_property
    def lengths(self) -> dict[str, list[int]]:
        """Lengths of these names by their last character, the longest first."""
        found: dict[str, set[int]] = defaultdict(set)
        for name in self.codes:
            found[name[-1]].add(len(name))
        return {last: sorted(lengths, reverse=True) for last, lengths in found.items()}

    def read(self, text: str) -> tuple[int, str]:
        """Return where the names at the end of ``text`` begin, and these names, the largest first.

        They count if the first is a county's or town's and another follows; otherwise ``(0, "")`` is returned. That of
        a county may be short where separators stand around it, the others anywhere. The country's name may follow.
        """
        cut = _before_separators(text)
        if country := COUNTRY.search(text, 0, cut):
            cut = _before_separators(text[: country.start()])
        names = [(0, country.group())] if country else []
        within, found = [""], 0
        while (name := next(self._ending(text[:cut], within), None)) is not None:
            written, codes = name
            if not found and len(codes[0]) > 4:
                break  # it stands as it should: 人民路8号，江苏省苏州市常熟市
            short = len(codes[0]) == 6 and not self.table.names[codes[0]].endswith(written)
            # In full, as 五一路 behind the short name of a county would be a road named after it.
            names.append((len(codes[0]), self.table.names[codes[0]] if short else written))
            within = codes if len(codes[0]) > len(within[0]) else within
            cut, found = _before_separators(text[: cut - len(written)]), found + 1
        deep = found > 1 and all(len(code) > 4 for code in within)
        return (cut, "".join(name for _, name in sorted(names, key=lambda name: name[0]))) if deep else (0, "")

    def _ending(self, text: str, within: Sequence[str]) -> Iterator[Name]:
        """Yield the names at the end of ``text``: of divisions inside one of ``within``, or around one.

        Longer names come before shorter ones of the same level.
        """
        for length in self.lengths.get(text[-1:], ()):
            codes = self.codes.get(text[-length:], ()) if length <= len(text) else ()
            inside = [code for code in codes if any(code.startswith(above) and code != above for above in within)]
            around = [code for code in codes if any(one.startswith(code) and code != one for one in within)]
            if inside or around:
                yield text[-length:], inside or around
        parted = SHORT_COUNTY.search(text) if within != [""] else None
        if parted is not None:
            codes = self.short_counties.get(parted["name"], ())
            inside = [code for code in codes if any(code.startswith(above) and code != above for above in within)]
            if inside:
                yield parted["name"], inside
        for above in within:
            if len(above) in (4, 6):
                towns = self.table.town_names(above).items()
                ending = ((name, [code]) for code, name in towns if text.endswith(name))
                yield from sorted(ending, key=lambda town: -len(town[0]))  # 小二台镇 is no 二台镇


def _before_separators(text: str) -> int:
    """Return where a text ends without the separators behind it."""
    return len(SEPARATORS_BEHIND.sub("", text))
