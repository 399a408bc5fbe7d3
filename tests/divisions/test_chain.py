from __future__ import annotations

from buqi.divisions.chain import Hypothesis, State, best_of, closes, grow, without_ancestors, without_namesakes
from buqi.divisions.meaning import FORMER, FULL, SHORT, Meaning

ANHUI, FUYANG, TAIHE = (
    Meaning("34", FULL, "安徽省", 1),
    Meaning("3412", FULL, "阜阳市", 2),
    Meaning("341222", FULL, "太和县", 3),
)
SHORT_FUYANG = Meaning("3412", SHORT, "阜阳市", 2, 0.6)


def chain(*names: Meaning) -> State:
    state = State(0)
    for number, name in enumerate(names):
        grown = grow(state, number, number + 1, [name])
        assert grown is not None
        state = grown
    return state


def test_names_on_one_path_add_up():
    state = chain(ANHUI, FUYANG, TAIHE)
    assert state.best is not None and state.best.code == "341222"
    assert (state.score, state.level, state.closed) == (7.0, 3, True)
    assert state.agrees(TAIHE) and not state.agrees(Meaning("610103", FULL, "碑林区", 3))


def test_a_name_that_contradicts_counts_against():
    state = chain(Meaning("61", FULL, "陕西省", 1), TAIHE)
    assert state.best is not None and (state.best.code, state.best.names) == ("341222", (None, TAIHE))
    assert state.score == 1.0


def test_a_short_level_said_again_ends_no_chain_unless_it_leads_down_again():
    assert not chain(ANHUI, FUYANG, TAIHE, SHORT_FUYANG).closed
    assert chain(ANHUI, FUYANG, TAIHE, FUYANG).closed  # in full it is no beginning of another name by itself
    assert chain(ANHUI, FUYANG, TAIHE, FUYANG, TAIHE).closed
    again = grow(chain(ANHUI, FUYANG, TAIHE), 3, 4, [FUYANG], last=True)
    assert again is not None and again.closed


def test_a_former_name_that_begins_the_whole_one_is_like_a_short_one():
    whole, former = Meaning("360704", FULL, "赣县区", 3), Meaning("360704", FORMER, "赣县", 3, 0.3)
    assert not closes(Hypothesis("360704", 3.0, (whole, former)))
    assert closes(Hypothesis("360704", 3.0, (former,)))


def test_what_is_unknown_alone_costs_nothing_behind_a_name_around_it():
    wuhai, hainan = Meaning("1503", FULL, "乌海市", 2), Meaning("150303", SHORT, "海南区", 3, 1.8, 1.5)
    assert chain(wuhai, hainan).score == 2.0 + 1.2
    assert round(chain(hainan).score, 6) == -0.3


def test_the_mainland_comes_first_where_both_have_a_name():
    island, here = Meaning("710106", FULL, "太平区", 3), Meaning("210904", FULL, "太平区", 3)
    state = grow(State(0), 0, 3, [island, here])
    assert state is not None and state.best is not None and state.best.code == "210904"
    assert chain(island).score == 3.0


def test_a_county_of_its_citys_short_name_is_not_what_that_name_means():
    city, county = Meaning("4306", SHORT, "岳阳市", 2, 0.6), Meaning("430621", SHORT, "岳阳县", 3, 0.6)
    one, two = Hypothesis("430621", 2.4, (county,)), Hypothesis("4306", 1.4, (city,))
    assert without_namesakes([one, two]) == [two]
    assert without_namesakes([one]) == [one]
    again = Hypothesis("4306", 2.0, (Meaning("4306", FULL, "岳阳市", 2), city))
    assert without_namesakes([one, again]) == [one, again], "岳阳市岳阳 is the county"
    area = Hypothesis("6531", 1.4, (Meaning("6531", SHORT, "喀什地区", 2, 0.6),))
    seat = Hypothesis("653101", 2.4, (Meaning("653101", SHORT, "喀什市", 3, 0.6),))
    county = Hypothesis("653122", 2.4, (Meaning("653122", SHORT, "喀什县", 3, 0.6),))
    assert without_namesakes([seat, area, county]) == [seat, area]


def test_the_deepest_and_the_longest_are_kept():
    one, two = Hypothesis("341222", 3.0), Hypothesis("3412", 2.0)
    assert without_ancestors([one, two]) == [one]
    short, long = State(2, ((0, 2),), {"34": Hypothesis("34", 2.0)}), State(5, ((0, 5),), {"34": Hypothesis("34", 2.0)})
    assert best_of([short, long]) is long and best_of([]) is None
