"""The ways to mistype a name are those that the lexicon weighs and the matcher reports."""

from __future__ import annotations

from buqi.divisions.meaning import COST, Meaning
from buqi.divisions.mistyping import MISTYPED, MISTYPINGS, MistypedNames
from buqi.divisions.sounds import likeness


def test_every_way_is_weighed():
    assert set(COST) >= MISTYPED == set(MISTYPINGS)
    assert not MISTYPED & {"full", "short", "former", "kind", "zone", "generic", "province"}
    assert {likeness(*pair) for pair in ("杯碑", "林陵", "湘湖", "山海")} <= MISTYPED


def test_every_slip_in_a_long_name_is_found():
    name = "乌拉特前旗矿区"
    names = MistypedNames({name: [Meaning("150823", "full", name, 3)]})
    for at in range(len(name)):
        assert names.meant(f"{name[:at]}犇{name[at:]}") == {name: "added"}
        assert name in names.meant(f"{name[:at]}{name[at + 1 :]}"), at
        if at + 1 < len(name):
            assert name in names.meant(f"{name[:at]}犇{name[at + 1 :]}"), at
            swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
            assert names.meant(swapped) == {name: "swapped"}
    assert names.meant("人民大道一二三") == {}
