"""The cities and counties of a province that a text may be mistyped for, with or without their kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import product

from buqi.divisions.names import short_names
from buqi.divisions.sounds import folded, likeness, readings
from buqi.divisions.table import Division, Table

LEVELS_MEANT = ("city", "county")
MOST_READINGS = 3  # of a character
# Characters of such names, each with one that looks like it and is not in the list of similar characters.
LOOKS = frozenset(
    "圳川 都者 岛鸟 宁宇 宁守 连迁 封村 柳抑 桂佳 桂挂 锡踢 昌冒 徐除 台合 湖潮 莞苑 汕仙 口囗 口日 津律"
    " 津建 兰三 绵锦 泰秦 泰奉 淄溜 博傅 潍准 临监 沂近 枣束 抚扰 烟烂 蚌蛙 淮谁 岳缶 衡街 衡冲 郴彬 钦饮"
    " 遂逐 眉盾 雅难 巴巳 曲由 榆输 汉汊 嘉喜 吴昊 西酉 海每 海诲 顺须 余佘 姚饶 鄞勤 瑞端 宜宣 江工 店占"
    " 睢雎 州卅 洲卅".split()
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
    apart = [i for i in range(len(name)) if written[i] != name[i]]
    kinds = {likeness(written[i], name[i]) for i in apart}
    if len(apart) == 1:
        looks = name[apart[0]] + written[apart[0]] in LOOKS
        return "shape" if looks else "".join(kinds - {"other"})
    return "sound" if kinds == {"sound"} else ""


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
