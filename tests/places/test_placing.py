"""Addresses are placed the same in several processes as in one."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher
from buqi.places import learn, load_memory, placing
from buqi.places.placing import PlacedAddress, place_all, place_pieces, placed

CELLS = [f"浙江省杭州市余杭区文一西路{n}号" if n % 3 else "没有地名的一行" for n in range(60)]


@pytest.fixture
def small(monkeypatch):
    """Twenty addresses are many."""
    monkeypatch.setattr(placing, "PIECE", 7)
    monkeypatch.setattr(placing, "FEW", 20)


def test_what_is_placed():
    found = place_all(CELLS[:2], load_matcher())
    assert found == [PlacedAddress("文一西路1号", "330110", "", ["文一西路"])]


def test_several_processes_find_what_one_does(small):
    alone = list(place_pieces(iter(CELLS)))
    assert [count for count, _ in alone] == [7, 7, 6, *[7] * 5, 5]
    assert list(place_pieces(iter(CELLS), processes=2)) == alone
    assert sum(len(found) for _, found in alone) == 40


def test_few_addresses_start_no_processes(monkeypatch):
    monkeypatch.setattr(placing, "ProcessPoolExecutor", None)
    assert len(list(place_pieces(CELLS, processes=2))) == 1
    assert list(place_pieces([], processes=2)) == []


def test_learning_that_is_interrupted_leaves_the_memory_as_it_was(small, tmp_path):
    learn(CELLS[:2], "orders", tmp_path)
    before = load_memory(tmp_path).seen("文一西路")
    seen: list[int] = []

    def stop(count: int) -> None:
        seen.append(count)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(CELLS, "orders", tmp_path, progress=stop, processes=2)
    load_memory.cache_clear()
    assert load_memory(tmp_path).seen("文一西路") == before == [("330110", "", 1)]
    assert [path.name for path in tmp_path.iterdir()] == ["orders"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("浙江省杭州市余杭区仓前街道文一西路1号", ("330110", "330110014")),
        ("浙江省杭州市西湖区文一西路98号", ("330106", "")),
        ("广东省东莞市某路1号", ("4419", "")),  # it has no counties
        ("浙江省杭州市文一西路98号", None),
        ("鼓楼区1号", None),
        ("广东省南昌市南山区1号", None),  # contradicts itself
    ],
)
def test_which_addresses_are_certain(text, place):
    matcher = load_matcher()
    assert placed(matcher.match(text), matcher.table) == place
