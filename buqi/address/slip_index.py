"""The cities and counties of a province that a text may be mistyped for, with or without their kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import product

from buqi.divisions.look_alikes import looks_like
from buqi.divisions.names import short_names
from buqi.divisions.sounds import folded, likeness, readings
from buqi.divisions.table import Division, Table

LEVELS_MEANT = ("city", "county")
MOST_READINGS = 3  # of a character
# Characters of such names, each with one that looks like it and that `look_alikes` does not have.
LOOKS = frozenset(
    "余佘 兰三 口囗 口日 台合 嘉喜 圳川 姚饶 封村 岳缶 州卅 巴巳 店占 抚扰 枣束 柳抑 汕仙 江工 沂近 泰奉"
    " 泰秦 津建 洲卅 淄溜 淮谁 湖潮 潍准 烟烂"
    " 眉盾 莞苑 蚌蛙 衡冲 衡街 连迁 遂逐 郴彬 鄞勤 钦饮".split()
)
Key = tuple[int, int, str]  # length of a name, a position in it, and what stands there


class SlipIndex:
    """Finds names of which one character is another, or all sound alike.

    Args:
        table: has the divisions.

    Attributes:
        longest: characters of the longest text that is looked up.
    """

    longest = 5

    def __init__(self, table: Table) -> None:
        self.table = table
        self._of = lru_cache(maxsize=40)(self._made)

    @cached_property
    def _inside(self) -> Mapping[str, list[Division]]:
        """The cities and counties of each province."""
        found: defaultdict[str, list[Division]] = defaultdict(list)
        for division in (division for level in LEVELS_MEANT for division in self.table.at(level)):
            found[division.code[:2]].append(division)
        return found

    def meant(self, window: str, around: str) -> list[tuple[str, str]]:
        """Return (code, kind) of the cities and counties that ``window`` may be mistyped for.

        Args:
            window: the text; two characters at least.
            around: code of a province, city or county. What is meant lies in it or around it, or is it.
        """
        names = self._of(around[:2])
        forms = {form for key in _keys(window) for form in names.get(key, ())}
        found: dict[str, str] = {}
        for form, code in sorted(forms):
            kind = exchanged(window, form)
            if kind and (code.startswith(around) or around.startswith(code)):
                found.setdefault(code, kind)
        return list(found.items())

    def _made(self, province: str) -> Mapping[Key, list[tuple[str, str]]]:
        """Return (form, code) of all names of a province by what `_keys` gives of the form."""
        made: defaultdict[Key, list[tuple[str, str]]] = defaultdict(list)
        for division in self._inside.get(province, ()):
            for form in {division.name, *short_names(division.name)}:
                for key in _keys(form):
                    made[key].append((form, division.code))
        return made


def exchanged(written: str, name: str) -> str:
    """Return how one name is written for another of its length, ``""`` if it is not.

    One character sounds or looks like the right one, or all have its sounds: 昆善 for 昆山, 于台县 for 盱眙县.
    """
    apart = [(ours, theirs) for ours, theirs in zip(written, name, strict=True) if ours != theirs]
    if len(apart) != 1:
        return "sound" if apart and all(likeness(*pair) == "sound" for pair in apart) else ""
    ours, theirs = apart[0]
    kind = likeness(ours, theirs)
    if kind != "other":
        return kind
    return "shape" if looks_like(written, name) or theirs + ours in LOOKS else ""


def _keys(form: str) -> Iterator[Key]:
    """Yield the first characters of a text, and its sounds as a whole, with its length."""
    size = len(form)
    for at in range(min(size, 2)):
        yield size, at, form[at]
    for syllables in product(*map(_heard, form)):
        yield size, -1, " ".join(syllables)


@lru_cache(maxsize=20_000)
def _heard(character: str) -> tuple[str, ...]:
    """Return the sounds of a character, the character itself if it has none."""
    return tuple(dict.fromkeys(map(folded, readings(character)[:MOST_READINGS]))) or (character,)
