"""Texts whose right answer follows from the table alone: names in full, short, repeated, with anything around them.

Each law is a function that yields trials for one division. `LAWS` lists all of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from buqi.bench.law_mutations import mutated
from buqi.divisions import Division, DivisionPath, Table, load_former
from buqi.divisions.lexicon_names import PARTED
from buqi.divisions.names import short_name
from buqi.synthesis.characters import traditional

ROAD = "人民路12号"
SEAT = "城关"  # what the towns are called in which county governments sit
MUTATED = 26  # lines of each town: a million of all
TAILS = ("", ROAD, "绿地公馆", "高新技术产业开发区科技路8号", "第一中学")
BETWEEN = (
    *(" ", "  ", "\t", "\n", "\r\n", *"\u3000、，,。.·-—_/\\|;；:>→】", "<br>", "<br/>", "&nbsp;", "&#160;", "\u200b"),
    *("的", "=>", "~", "+", "%20", "null", "之"),
)
BEFORE = (
    *("中国", "中国 ", "中华人民共和国", "China, ", "China ", "P.R. China ", "CN-", "710000 ", "710000", "邮编710000 "),
    *("null", "null ", "undefined", "None ", "NaN,", "Address: ", "地址：", "收货地址: ", "详细地址 ", "收货人：张三 "),
    *("张某某 13800000000 ", "13800000000", "张三，13800000000，", "+86 138 0000 0000 ", "订单号：202611280001 "),
    *("①", "1. ", "(2) ", "😀", "\ufeff", "补齐五级行政地址: ", "快递 ", "京东快递："),
)
STANDARDS = ("s2t", "s2tw", "s2hk")


@dataclass(frozen=True, slots=True)
class Trial:
    """A text, and what it must be answered with.

    Attributes:
        law: name of the law.
        text: the input.
        code: of the division that must be answered; an answer inside it is right too. ``""`` where any answer is, and
            nothing of the text may be lost.
        detail: what must be left of the text behind the names.
        lead: what must be kept apart before them.
        refusable: whether a refusal, or an answer above the division, is no violation (several places may share it).
        others: codes of divisions that had the name before: they may be meant too.
    """

    law: str
    text: str
    code: str
    detail: str = ""
    lead: str = ""
    refusable: bool = False
    others: tuple[str, ...] = ()


class Forms:
    """Writes trials for the divisions of a table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    @cached_property
    def count(self) -> Counter[str]:
        """How many divisions have a name."""
        return Counter(d.name for d in self.table.by_code.values())

    @cached_property
    def former(self) -> dict[str, tuple[str, ...]]:
        """Codes of the divisions that had a name before, or that were a town of that name."""
        found: dict[str, set[str]] = defaultdict(set)
        towns = [(f.name, f.successor) for f in load_former() if f.kind == "town"]
        towns += [(d.name[:-2] + "镇", d.code) for d in self.table.at("town") if d.name.endswith("街道")]
        towns += [(d.name[:-1], d.code) for d in self.table.at("town") if d.name.endswith("镇镇")]  # 乌镇镇 is 乌镇
        for name, code in towns:
            found[name].add(code)
        return {name: tuple(codes) for name, codes in found.items()}

    @cached_property
    def former_counties(self) -> set[str]:
        """Names that counties had before."""
        return {former.name for former in load_former() if former.kind == "county"}

    @cached_property
    def pairs(self) -> Counter[tuple[str, str]]:
        """How many divisions of a name lie anywhere under one of another name."""
        return Counter(
            (above.name, d.name) for d in self.table.by_code.values() for above in self._path(d).divisions[:-1]
        )

    def trials(self, division: Division) -> Iterator[Trial]:
        """Yield every trial of a division."""
        for law in LAWS:
            yield from law(self, division)

    def alone(self, division: Division) -> Iterator[Trial]:
        """Its name alone, where no other division has it."""
        if self.count[division.name] == 1:
            former = self.former.get(division.name, ())
            law = "alone, a former name elsewhere" if former else "alone"
            yield from self._with_tails(law, division, division.name, former)

    def with_parents(self, division: Division) -> Iterator[Trial]:
        """All names from the province down."""
        yield from self._with_tails("with parents", division, self._path(division).full)

    def without_some(self, division: Division) -> Iterator[Trial]:
        """Without the province, and with one name above it, where that leaves one division."""
        names = [d.name for d in self._path(division).divisions]
        if len(names) > 2 and self.pairs[names[-2], names[-1]] == 1:
            yield from self._with_tails("without province", division, "".join(names[1:]))
            yield from self._with_tails("parent and name", division, "".join(names[-2:]))
        for above in names[:-2]:
            if self.pairs[above, names[-1]] == 1:
                seat = names[-1].startswith(SEAT)  # most counties had one, so that of another may be meant
                law = f"levels left out, {SEAT}" if seat else "levels left out"
                yield from self._with_tails(law, division, above + names[-1], refusable=seat)

    def short(self, division: Division) -> Iterator[Trial]:
        """Short names of the levels down to a county together."""
        path = self._path(division)
        shorts = [short_name(d.name) for d in path.divisions]
        if division.level != "county" or len(shorts) < 2:
            return
        forms = {"short city and county": "".join(shorts[-2:]), "short names": "".join(shorts)}
        levels = shorts if len(shorts) > 2 else [shorts[0], *shorts]
        forms |= {"short with dashes": "-".join(levels) + "-", "municipality said twice": "".join(levels)}
        for law, text in forms.items():
            yield Trial(law, text + ROAD, division.code, ROAD, refusable=True)

    def between(self, division: Division) -> Iterator[Trial]:
        """Separators between the levels of a county."""
        if division.level != "county":
            return
        names = [d.name for d in self._path(division).divisions]
        for separator in BETWEEN:
            yield Trial("separators", separator.join([*names, ROAD]), division.code, ROAD)
            yield Trial("separators, said twice", separator.join([*names, *names, ROAD]), division.code, ROAD)

    def before(self, division: Division) -> Iterator[Trial]:
        """Something before a county's full path."""
        if division.level != "county":
            return
        for lead in BEFORE:
            yield Trial("before", lead + self._path(division).full + ROAD, division.code, ROAD, lead)
        yield Trial("road before", f"{ROAD}，{self._path(division).full}", division.code, f"{ROAD}，")

    def traditional(self, division: Division) -> Iterator[Trial]:
        """All names in traditional characters."""
        for standard in STANDARDS:
            text = traditional(self._path(division).full, standard) + ROAD
            yield Trial(f"traditional {standard}", text, division.code, ROAD)

    def twice(self, division: Division) -> Iterator[Trial]:
        """All names said twice, together and one by one."""
        path = self._path(division)
        yield Trial("twice", path.full * 2 + ROAD, division.code, ROAD)
        doubled = "".join(d.name * 2 for d in path.divisions)
        yield Trial("each twice", doubled + ROAD, division.code, ROAD)

    def kept(self, division: Division) -> Iterator[Trial]:
        """A complete address whose next name begins like a level: 昆明市呈贡区昆明理工大学."""
        path = self._path(division)
        if division.level not in ("county", "town"):
            return
        shorts = {short_name(d.name) for d in path.divisions[:-1] if d.level in ("city", "county")}
        shorts |= {short_name(division.name)} if division.level == "county" else set()
        shorts -= {d.name for d in path.divisions}
        for short in sorted(shorts):
            for name in ("理工大学怡园", "官邸3号楼", "通惠南路8号", "高级职业中学"):
                yield Trial("kept", path.full + short + name, division.code, short + name)

    def reversed(self, division: Division) -> Iterator[Trial]:
        """From the town up to the province, in front of a road and behind it."""
        names = "".join(d.name for d in reversed(self._path(division).divisions))
        if division.level in ("county", "town"):
            yield Trial("reversed", names + ROAD, division.code, ROAD)
            yield Trial("reversed, behind a road", ROAD + names, division.code, ROAD)

    def chosen_again(self, division: Division) -> Iterator[Trial]:
        """Levels chosen from a list and then written again: 江苏南京溧水区中国江苏南京溧水区和凤镇."""
        names = [d.name for d in self._path(division).divisions]
        if division.level == "town" and len(names) > 2:
            chosen = "".join(map(short_name, names[:-2])) + names[-2]
            for again in ("中国" + chosen, "".join(names[:-1]), "".join(names[:-1]) + "全区"):
                yield Trial("chosen and written again", chosen + again + names[-1] + ROAD, division.code, ROAD)

    def contradicted(self, division: Division) -> Iterator[Trial]:
        """Another province before a county and its town."""
        names = [d.name for d in self._path(division).divisions]
        if division.level != "town" or len(names) < 3 or self.pairs[names[-2], names[-1]] != 1:
            return
        mainland = (p.name for p in self.table.at("province") if p.code < "71")  # 永康市 was also in 台南县
        mainland = (name for name in mainland if PARTED.get(name) != names[0])  # 四川省黔江区 says what once was so
        provinces = [name for name in mainland if not any(self.pairs[name, below] for below in names[-2:])]
        if provinces and names[-2] not in self.former_counties:
            other = provinces[int(division.code) % len(provinces)]
            yield Trial("another province", other + names[-2] + names[-1] + ROAD, division.code, other + ROAD)

    def other_kind(self, division: Division) -> Iterator[Trial]:
        """A town with the word of another kind, where its county has and had no such one: 汾市乡 for 汾市镇."""
        path = self._path(division)
        kind = {"镇": "乡", "乡": "镇"}.get(division.name[-1], "")
        written = division.name[:-1] + kind
        if division.level != "town" or not kind:
            return
        had = any(code.startswith(division.parent) for code in self.former.get(written, ()))
        if not had and all(d.name != written for d in self.table.children[division.parent]):
            above = path.full.removesuffix(division.name)
            yield Trial("town of another kind", above + written + ROAD, division.code, ROAD, refusable=True)

    def mutated(self, division: Division) -> Iterator[Trial]:
        """Lines with several faults at once."""
        if division.level == "town":
            names = [d.name for d in self._path(division).divisions]
            for line in mutated(names, int(division.code), MUTATED):
                yield Trial("mutated", line, "")

    def _with_tails(
        self, law: str, division: Division, text: str, former: tuple[str, ...] = (), refusable: bool = False
    ) -> Iterator[Trial]:
        at = int(division.code) % len(TAILS)
        for tail in TAILS[at : at + 1] if division.level == "town" else TAILS:  # one of them each: there are 39,000
            yield Trial(law, text + tail, division.code, tail, refusable=refusable or bool(former), others=former)

    def _path(self, division: Division) -> DivisionPath:
        return self.table.path(division.code)


LAWS: tuple[Callable[[Forms, Division], Iterator[Trial]], ...] = (
    Forms.alone,
    Forms.with_parents,
    Forms.without_some,
    Forms.short,
    Forms.between,
    Forms.before,
    Forms.traditional,
    Forms.twice,
    Forms.kept,
    Forms.reversed,
    Forms.chosen_again,
    Forms.contradicted,
    Forms.other_kind,
    Forms.mutated,
)
