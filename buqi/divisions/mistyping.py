"""The ways in which a name is mistyped, and the names that a text may have meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from buqi.divisions.meaning import COST, FORMER, SHORT, Meaning
from buqi.divisions.sounds import likeness, mistaken, sound
from buqi.indexes import CellLists

TAKEN = "taken"  # people often write this character for a rare one

# How a name is mistyped, and what a note to the user says of it.
MISTYPINGS = {
    "sound": "same sound",
    "near": "near sound",
    "shape": "similar character",
    TAKEN: "similar character",
    "doubled": "a character doubled",
    "swapped": "characters swapped",
    "missing": "a character missing",
    "added": "a character too many",
    "other": "another character",
    "suffix": "its kind is written otherwise",
}
MISTYPED = frozenset(MISTYPINGS)
LONGEST_TYPO = 16  # characters
HALVED = 5  # characters of a text whose halves are looked up first: they tell whether a name may be meant at all
LONG = ~0b111  # the bits of lengths from three characters on: in a shorter text only its sounds tell what is meant
FEW_TEXTS = 400  # so many texts are looked up without their halves: making all halves takes as long


class Lengths(NamedTuple):
    """Of how many characters a text may be that names are mistyped as, in each way: 0b11000 for three and for four."""

    heard: int
    exchanged: int
    swapped: int
    added: int
    missing: int


EVERY_LENGTH = Lengths(-1, -1, -1, -1, -1)


class MistypedNames:
    """Finds names with a character exchanged, missing, doubled or added, two swapped, or all of the same sound.

    Args:
        names: what each name means.
        patterns: of the names, as `patterns_of` gives them; they are made if not given.
    """

    def __init__(self, names: Mapping[str, list[Meaning]], patterns: Mapping[str, Sequence[str]] | None = None) -> None:
        self.names = names
        patterns = patterns_of(names) if patterns is None else patterns
        # Of most patterns there is no name. A plain dictionary says so fastest.
        self._patterns: Mapping[str, str] = (
            patterns.cells
            if isinstance(patterns, CellLists)
            else {pattern: " ".join(found) for pattern, found in patterns.items()}
        )
        self._asked = 0  # texts that were looked up without their halves
        self._halves: tuple[set[str], set[str]] | None = None
        self._fronts: tuple[dict[str, int], ...] | None = None

    def starting(self, text: str, at: int) -> Iterator[tuple[int, list[Meaning]]]:
        """Yield (length, meanings) of every name that ``text`` may have meant at a position, the longest text first."""
        like = self._lengths_like(text[at : at + 3])
        lengths = like.heard | like.exchanged | like.swapped | like.added | like.missing
        if not lengths:
            return
        keys = _sound_keys(text[at : at + min(lengths.bit_length() - 1, LONGEST_TYPO)])
        for length in range(len(keys), 1, -1):
            if not lengths >> length & 1:
                continue
            meant = self._meant(text[at : at + length], keys[length - 1], like)
            found = [
                Meaning(m.code, kind, name, m.level, m.cost + COST[kind])
                for name, kind in meant.items()
                for m in self.names[name]
            ]
            if found:
                yield length, found

    def _lengths_like(self, front: str) -> Lengths:
        """Return of how many characters the texts may be that a name is mistyped as, where they begin with ``front``.

        One slip leaves two of the first three characters of a name, or it is behind the first two. Else the name has
        the same sounds.

        Args:
            front: three characters.
        """
        if self._fronts is None:
            self._fronts = self._made_fronts()
        first, second, apart, sounds = self._fronts
        one, two, ends = front[:2], front[1:3], front[:1] + front[2:3]
        begun, around = first.get(one, 0), first.get(ends, 0)
        heard = sounds.get(_sounds(one), 0)
        for meant in _corrected(one):
            heard |= first.get(meant, 0)
        exchanged = begun | second.get(two, 0) | apart.get(ends, 0)
        swapped = begun | first.get(front[1:2] + front[:1], 0) | around
        added = begun | first.get(two, 0) | around
        missing = begun | second.get(one, 0) | apart.get(one, 0)
        return Lengths(heard, exchanged & LONG, swapped & LONG, added << 1 & LONG, missing >> 1 & LONG)

    def _made_fronts(self) -> tuple[dict[str, int], ...]:
        """Return the lengths of the names by their first and second character, by the second and third, by both ends.

        Also by the sounds of the first two. A bit stands for each length, as in `_lengths_like`.
        """
        first: dict[str, int] = defaultdict(int)
        second: dict[str, int] = defaultdict(int)
        apart: dict[str, int] = defaultdict(int)
        sounds: dict[str, int] = defaultdict(int)
        for name in self.names:
            length = 1 << len(name)
            first[name[:2]] |= length
            second[name[1:3]] |= length
            apart[name[:1] + name[2:3]] |= length
            sounds[_sounds(name[:2])] |= length
        return first, second, apart, sounds

    def _made_halves(self) -> tuple[set[str], set[str]]:
        """Return the beginnings and the ends of the names, of each length."""
        halves = [
            (name[:size], name[-size:])
            for name in self.names
            for size in range(2, min(LONGEST_TYPO // 2, len(name)) + 1)
        ]
        return {front for front, _ in halves}, {back for _, back in halves}

    def _has_half(self, window: str) -> bool:
        """Whether a name has one half of ``window``. One slip leaves the half before it or the half behind it whole."""
        if len(window) < HALVED:
            return True
        if self._asked < FEW_TEXTS:
            self._asked += 1
            return True
        if self._halves is None:
            self._halves = self._made_halves()
        fronts, backs = self._halves
        half = len(window) // 2
        return window[:half] in fronts or window[half + 1 :] in backs

    def meant(self, window: str) -> dict[str, str]:
        """Return the names that ``window`` may be written for, each with how it is mistyped."""
        return self._meant(window, _sounds(window), EVERY_LENGTH)

    def _meant(self, window: str, sounds: str, like: Lengths) -> dict[str, str]:
        """Return what `meant` does of a text whose `_sounds` are known, and its lengths in each way of mistyping."""
        taken, alike = [name for name in _corrected(window) if name in self.names], self._alike(window, sounds, like)
        return _with_taken(window, alike, taken) if taken else alike

    def _alike(self, window: str, sounds: str, like: Lengths) -> dict[str, str]:
        """Return what `meant` does without what is often taken for another character."""
        length, kinds, patterns = len(window), dict[str, str](), self._patterns
        for name in patterns.get(sounds, "").split() if like.heard >> length & 1 else ():
            if name != window:  # a name as it is written is not mistyped
                near = any(likeness(w, m) == "near" for w, m in zip(window, name, strict=True))
                kinds[name] = "near" if near else "sound"
        if not self._has_half(window):
            return kinds
        exchanged, swapped, added = like.exchanged >> length & 1, like.swapped >> length & 1, like.added >> length & 1
        for i in range(length) if exchanged or swapped or added else ():
            for name in patterns.get(f"{window[:i]}?{window[i + 1 :]}", "").split() if exchanged else ():
                kind = likeness(window[i], name[i])
                # 浏阳工业园 does not begin with a mistyped 浏阳市
                if kind != "same" and (kind != "other" or i + 1 < length):
                    kinds.setdefault(name, kind)
            if i + 1 < length and length > 2:
                other = window[:i] + window[i + 1] + window[i] + window[i + 2 :] if swapped else window
                less = window[:i] + window[i + 1 :] if added else window
                if other != window and other in self.names:
                    kinds.setdefault(other, "swapped")
                if len(less) > 2 and added and less in self.names:
                    kinds.setdefault(less, "doubled" if window[i] == window[i + 1] else "added")
        for name in patterns.get("-" + window, "").split() if length > 2 and like.missing >> length & 1 else ():
            kinds.setdefault(name, "missing")
        return kinds


def _corrected(window: str) -> list[str]:
    """Return a text with each character that is often written for a rare one exchanged for that: 靳春县 → 蕲春县."""
    meant = mistaken()
    if meant.keys().isdisjoint(window):  # nearly always
        return []
    return [window[:i] + right + window[i + 1 :] for i, here in enumerate(window) for right in meant.get(here, "")]


def _with_taken(window: str, kinds: dict[str, str], taken: list[str]) -> dict[str, str]:
    """Return what may be meant, with names for which the text is often written.

    Of all others only those that sound alike are left, and none where such a name sounds alike too.
    """
    sounds = [sound(character) for character in window]

    def heard(name: str) -> bool:
        return [sound(character) for character in name] == sounds

    others = [] if any(map(heard, taken)) else [name for name in kinds if name not in taken and heard(name)]
    return {**dict.fromkeys(taken, TAKEN), **{name: kinds[name] for name in others}}


def is_name(written: str, known: Iterable[Meaning], today: Mapping[str, str]) -> bool:
    """Whether what is written is a name itself: 新乡 is no mistyped 新县, 江西省万宁县 no 万年县: 万宁市 was called so.

    Args:
        written: the text.
        known: what it means as it is written.
        today: names by their code where a name of before counts, because another name stands before the text.
    """
    return any(
        (m.kind == SHORT and m.level == 2)
        or (m.kind == FORMER and m.level == 3 and m.name == written and today.get(m.code, "")[:-1] == written[:-1])
        for m in known
    )


def is_zone(written: str, meaning: Meaning) -> bool:
    """Whether what is written is a zone of a city, and no prefecture with another character: 嘉兴港区, 苏州新区."""
    return meaning.kind == "other" and meaning.name.endswith("地区") and written.endswith("区")


def slip(written: str, name: str) -> str:
    """Return how ``name`` is mistyped as ``written``, one of `MISTYPINGS`; ``""`` if it is in none of these ways.

    `MistypedNames` of this one name says the same. This needs no index: it is for the few names of one county.
    """
    length, more = len(written), len(name) - len(written)
    if not -1 <= more <= 1 or written == name:
        return ""
    if more == 0:
        return _exchanged(written, name)
    if length < 3 or len(name) < 3:
        return ""
    same = next((i for i, (w, n) in enumerate(zip(written, name, strict=False)) if w != n), min(length, len(name)))
    if more == 1:
        return "missing" if len(name) > 3 and written[same:] == name[same + 1 :] else ""
    # ``same`` need not be the character too many: of two equal neighbours it is the second one.
    return _added(written, name) if written[same + 1 :] == name[same:] else ""


def _exchanged(written: str, name: str) -> str:
    """Return how a name of as many characters is mistyped."""
    apart = [i for i, (w, n) in enumerate(zip(written, name, strict=True)) if w != n]
    if all(sound(written[i]) == sound(name[i]) for i in apart):
        return "near" if any(likeness(written[i], name[i]) == "near" for i in apart) else "sound"
    if len(name) < 3:
        return ""
    if len(apart) == 1:
        kind = likeness(written[apart[0]], name[apart[0]])
        return kind if kind != "other" or apart[0] + 1 < len(written) else ""
    one, other = apart[0], apart[-1]
    swapped = len(apart) == 2 and other == one + 1 and written[one] == name[other] and written[other] == name[one]
    return "swapped" if swapped else ""


def _added(written: str, name: str) -> str:
    """Return ``doubled`` or ``added`` where one character of ``written`` is too many; ``""`` if it is the last one."""
    for i in range(len(written) - 1):
        if written[:i] + written[i + 1 :] == name:
            return "doubled" if written[i] == written[i + 1] else "added"
    return ""


def patterns_of(names: Iterable[str]) -> dict[str, list[str]]:
    """Return names by patterns: their sounds, the name with one character open (``?林区``) or left out (``-碑区``)."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[_sounds(name)].append(name)
        for i in range(len(name) if len(name) > 2 else 0):
            found[f"{name[:i]}?{name[i + 1 :]}"].append(name)
            if len(name) > 3:
                found[f"-{name[:i]}{name[i + 1 :]}"].append(name)
    return dict(found)


def _sounds(text: str) -> str:
    """Return the sounds of a text as a key that is no pattern: each with a stroke before it."""
    return "".join([f"/{sound(character)}" for character in text])


def _sound_keys(text: str) -> list[str]:
    """Return the sounds of each beginning of a text, the shortest first."""
    return list(accumulate(f"/{sound(character)}" for character in text))
