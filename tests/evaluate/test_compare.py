"""Contestants side by side, also where a run was interrupted."""

from __future__ import annotations

import pytest

from buqi.evaluate.compare import compare_rows
from buqi.task import ADDRESS
from tests.evaluate.conftest import GOLD, Counted, compared, rows


def test_figures_fixed_and_broken():
    record = compared([GOLD, "x"], ["x", "陕西省西安市碑林区<1>号"]).as_json()
    assert (record["fixed"], record["broken"]) == ([1], [0])
    assert record["contestants"]["c0"]["exact_match"] == 0.5
    assert record["contestants"]["c1"]["by_damage"]["county_short"]["exact_match"] == 0.0
    assert record["contestants"]["c0"]["town"] == 1.0, "only rows whose gold has a town count"


def test_an_interrupted_run_goes_on(tmp_path):
    asked = rows(*(f"{i}" for i in range(7)))
    with pytest.raises(KeyboardInterrupt):
        compare_rows(ADDRESS, asked, [Counted(dies_after=4)], kept=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text() + '{"cut off')
    Counted.asked = 0
    found = compare_rows(ADDRESS, asked, [Counted()], kept=tmp_path)
    assert Counted.asked == 3 and all(found.entries[0].right)
    Counted.asked = 0
    compare_rows(ADDRESS, rows(*"abc"), [Counted()], kept=tmp_path)
    assert Counted.asked == 3, "other rows are asked anew"


def interrupted(folder, asked):
    """Leave what a run that was interrupted leaves, and return its file."""
    Counted.asked = 0
    with pytest.raises(KeyboardInterrupt):
        compare_rows(ADDRESS, asked, [Counted(dies_after=4)], kept=folder)
    Counted.asked = 0
    return next(folder.iterdir())


def test_what_two_runs_at_once_left_is_taken_once(tmp_path):
    asked = rows(*(f"{i}" for i in range(9)))
    path = interrupted(tmp_path, asked)
    path.write_text(path.read_text() * 2)
    found = compare_rows(ADDRESS, asked, [Counted()], kept=tmp_path)
    assert Counted.asked == 5 and all(found.entries[0].right), "no answer is taken for another row's"


@pytest.mark.parametrize(
    "damage", ["{", "[]", "5", '{"answers": 5}', '{"answers": [{"text": 1, "x": 2}]}', "[" * 100_000]
)
def test_answers_that_are_damaged_are_asked_anew(tmp_path, damage):
    asked = rows(*(f"{i}" for i in range(7)))
    path = interrupted(tmp_path, asked)
    path.write_text(damage + "\n" + path.read_text())
    assert all(compare_rows(ADDRESS, asked, [Counted()], kept=tmp_path).entries[0].right)
    assert Counted.asked == 7


def test_another_run_that_ends_meanwhile_is_no_trouble(tmp_path, monkeypatch):
    asked, kept = rows(*"abcdefg"), tmp_path / "kept"

    def ends(path, *_, **__):
        path.rmdir() if path.is_dir() else None  # the other run removes the folder just now

    monkeypatch.setattr("buqi.evaluate.compare.Path.mkdir", ends)
    assert all(compare_rows(ADDRESS, asked, [Counted()], kept=kept).entries[0].right)
    assert not kept.exists()
