"""Rows to train a judge with: an address of the table, and the places that the table alone takes it for."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from buqi.address.answer import Completer
from buqi.divisions import Division, load_table
from buqi.divisions.names import short_name
from buqi.divisions.stems import village_stem
from buqi.engine.choice import Choice
from buqi.synthesis.confusions import homophones, lookalikes, near_sounds

ENDINGS = ("路", "路", "街", "小区", "村", "大道", "花园")
KINDS = {"county": 0.3, "town": 0.25, "typo": 0.15, "short": 0.1, "bare": 0.2}


@lru_cache(maxsize=1)
def counties_with_towns() -> list[Division]:
    """Return the counties (and cities without counties) that have towns."""
    table = load_table()
    return [table.by_code[code] for code in sorted({town.parent for town in table.at("town")})]


def choice_rows(count: int, completer: Completer, seed: int = 0, candidates: int = 4) -> Iterator[Choice]:
    """Yield addresses made of real names of villages and communities, with what they may be taken for.

    The right place is always among the candidates, the others are those that the completer finds likeliest; addresses
    that leave nothing open are passed over.
    """
    rng, made = random.Random(seed), 0
    names = Counter(d.name for d in counties_with_towns())
    open_names = [d for d in counties_with_towns() if names[d.name] > 1]
    while made < count:
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
        county = rng.choice(open_names if kind == "county" else counties_with_towns())
        text = write(county, kind, rng)
        match = completer.matcher.match(text)
        if not text or match.text == "" or completer.is_plain(match):
            continue
        proposals = completer.proposer.propose(match)
        p = completer.model.probabilities(proposals.features, proposals.kind)
        codes = [completer.proposer.counties[i] for i in (-p).argsort()[:candidates]]
        if county.code not in codes:
            codes[-1] = county.code
        rng.shuffle(codes)
        table = completer.matcher.table
        made += 1
        yield Choice(text, tuple(table.path(code).full for code in codes), codes.index(county.code))


def write(county: Division, kind: str, rng: random.Random) -> str:
    """Return an address in ``county`` as people write it, damaged as ``kind`` says; empty if it cannot be."""
    table = load_table()
    town = rng.choice(table.children[county.code])
    villages = [village_stem(v.name) for v in table.villages(town.code)]
    if not villages:
        return ""
    village = rng.choice(villages)
    place = village if village.endswith(("村", "路", "街", "庄", "屯", "园")) else village + rng.choice(ENDINGS)
    behind = place + rng.choice(("", f"{rng.randint(1, 500)}号", f"{rng.randint(1, 20)}组"))
    name = county.name
    if kind == "typo":
        others = rng.choice((homophones(), homophones(), near_sounds(), lookalikes()))
        at = rng.randrange(len(short_name(name)))
        if not others.get(name[at]):
            return ""
        name = name[:at] + rng.choice(others[name[at]]) + name[at + 1 :]
    front = {"county": name, "typo": name, "short": short_name(name), "town": "", "bare": ""}[kind]
    return front + (town.name if kind == "town" or (kind != "bare" and rng.random() < 0.3) else "") + behind
