"""The ways to mistype a name are those that the lexicon weighs and the matcher reports."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from buqi.divisions.meaning import COST, Meaning
from buqi.divisions.mistyping import MISTYPED, MISTYPINGS, TAKEN, MistypedNames, is_name, is_zone, slip
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


# Few characters, some of one sound or shape, so that most pairs are near each other.
NAME = st.text("林陵麟临区街道山", min_size=1, max_size=7)


@given(NAME, NAME)
@example("林街区道", "林街道区")
@example("林林区", "林区")
@example("山区区", "山区")
@example("临街道", "林街道")
@example("林区", "林区道")
def test_one_name_is_mistyped_as_an_index_of_it_says(written, name):
    index = MistypedNames({name: [Meaning("610103", "full", name, 3)]})
    assert slip(written, name) == index.meant(written).get(name, "")


@given(NAME, NAME, NAME)
@example("林街区道", "林街道区", "")
@example("林林区", "林区", "道")
def test_a_name_is_found_at_the_front_of_a_text(written, name, behind):
    index = MistypedNames({name: [Meaning("610103", "full", name, 3)]})
    found = {length: [m.kind for m in meanings] for length, meanings in index.starting(written + behind, 0)}
    for length in range(2, len(written) + 1):
        kind = slip(written[:length], name)
        assert found.get(length, []) == ([kind] if kind else [])


def test_a_zone_of_a_city_is_no_mistyped_prefecture():
    prefecture = Meaning("3305", "other", "嘉兴地区", 2)
    assert is_zone("嘉兴港区", prefecture) and is_zone("嘉兴新区", prefecture)
    assert not is_zone("嘉兴地曲", prefecture) and not is_zone("嘉兴第区", prefecture._replace(kind="sound"))


def test_a_character_that_people_write_for_a_rare_one():
    names = MistypedNames(
        {name: [Meaning("1", "full", name, 3)] for name in ("浠水县", "习水县", "沁水县", "歙县", "莒县")}
    )
    assert names.meant("希水县") == {"浠水县": TAKEN}
    assert names.meant("翕县") == {"歙县": TAKEN}
    assert dict(names.starting("翕县人民路", 0)) == {2: [Meaning("1", TAKEN, "歙县", 3, COST[TAKEN])]}
    assert "浠水县" not in names.meant("浠水县")


def test_another_name_of_the_same_sound_stays_likely():
    names = MistypedNames({name: [Meaning("1", "full", name, 3)] for name in ("耒阳市", "莱阳市", "溧阳市")})
    assert names.meant("来阳市") == {"耒阳市": TAKEN, "莱阳市": "sound"}


def test_what_is_written_may_be_a_name():
    today = {"469006": "万宁市", "411624": "海门区"}
    former = Meaning("469006", "former", "万宁县", 3)
    assert is_name("万宁县", [former], today)
    assert not is_name("万宁县", [former], {})
    assert is_name("新乡", [Meaning("4107", "short", "新乡市", 2)], {})
    assert not is_name("万宁县", [], today)
