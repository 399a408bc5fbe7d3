"""Full addresses are learnt with names and a classifier, source by source, and forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

from buqi.address.completer import Completer
from buqi.address.evidence import FEATURES
from buqi.divisions import Match, Matcher, load_matcher, load_table
from buqi.errors import BuqiError, UsageError
from buqi.places import learn, learning, load_memory
from buqi.places.classifier import KNOWN
from buqi.places.learning import covers, forget, sources
from buqi.places.memory import CLASSIFIER, empty_memory
from tests.places.examples import ADDRESSES, HANGZHOU, ORDERS

pytestmark = pytest.mark.usefixtures("quick")
CELLS = [load_table().path(code).full + text for text, code in ADDRESSES]


@pytest.fixture
def large(tmp_path, monkeypatch) -> Path:
    """A memory that counts as one of the whole country."""
    monkeypatch.setattr(learning, "COVERED", 0.0)
    learn(CELLS, "orders", tmp_path / "places")
    return tmp_path / "places"


def test_sources_are_replaced_merged_and_forgotten(memory):
    learn(["江苏省南京市鼓楼区中央路2号"], "more", memory)
    assert [(s.name, s.cells, s.used) for s in sources(memory)] == [("more", 1, 1), ("orders", 6, 5)]
    assert load_memory(memory).seen("中央路") == [("320106", "", 2)]
    learn(["江苏省南京市鼓楼区中央路2号"] * 3, "more", memory)
    assert load_memory(memory).seen("中央路")[0][2] == 4
    forget("orders", memory)
    assert load_memory(memory).seen("文一西路") == []
    with pytest.raises(UsageError, match="nothing was learnt from 'orders'; known: more"):
        forget("orders", memory)


def test_bad_input_changes_nothing(memory):
    with pytest.raises(UsageError, match="in none of 2 cells"):
        learn(["abc", ""], "orders", memory)
    with pytest.raises(UsageError, match="use letters"):
        learn(ORDERS, "../escape", memory)
    assert len(load_memory(memory).seen("文一西路")) == 2


def test_a_folder_of_the_user_is_no_source(memory):
    own = memory / "letters" / "a.txt"
    own.parent.mkdir()
    own.write_text("mine")
    (memory / "file").write_text("mine")
    for name in ("letters", "file"):
        with pytest.raises(UsageError, match="is no source that was learnt"):
            learn(ORDERS, name, memory)
        with pytest.raises(UsageError, match=f"nothing was learnt from '{name}'; known: orders"):
            forget(name, memory)
    assert own.read_text() == "mine"


def test_the_matcher_that_is_given_reads_the_addresses(tmp_path):
    class Nothing(Matcher):
        def match(self, text):
            return Match(text)

    with pytest.raises(UsageError, match="in none of 6 cells"):
        learn(ORDERS, "orders", tmp_path, matcher=Nothing())


def test_learnt_with_the_names_and_forgotten_with_them(large):
    assert (large / "orders" / CLASSIFIER).exists() and sources(large)[0].classifier
    assert len(load_memory(large).classifiers) == 1
    forget("orders", large)
    assert not list(large.rglob(CLASSIFIER)) and not load_memory(large).classifiers


def test_only_names_where_that_is_asked_or_addresses_are_of_a_region(large, monkeypatch):
    learn(CELLS, "orders", large, passes=None)
    assert not (large / "orders" / CLASSIFIER).exists()
    monkeypatch.setattr(learning, "COVERED", 0.75)
    learn(CELLS, "orders", large)
    assert not (large / "orders" / CLASSIFIER).exists()


def test_one_address_many_times_is_no_country(tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "COVERED", 1 / 2000)
    learn([CELLS[0]] * KNOWN + [CELLS[-1]] * KNOWN, "orders", tmp_path)
    assert not sources(tmp_path)[0].classifier


def test_what_covers_the_country():
    matcher = load_matcher()
    counties = sorted({town.parent for town in matcher.table.at("town")})
    assert covers([code for code in counties for _ in range(KNOWN)], matcher)
    assert not covers([code for code in counties for _ in range(KNOWN - 1)], matcher)
    assert not covers([code for code in counties[: len(counties) // 2] for _ in range(KNOWN)], matcher)


def test_the_passes_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "COVERED", 0.0)
    told: list[tuple[int, int]] = []
    learn(CELLS, "orders", tmp_path, passes=lambda done, of: told.append((done, of)))
    assert told == [(n + 1, 30) for n in range(30)]


def test_a_completer_weighs_it(large):
    completer = Completer(large)
    assert completer.model is completer.chooser.large
    proposals = completer.proposer.propose(load_matcher().match("荆长大道55号"))
    likeness = proposals.features[:, FEATURES.index("likeness")]
    assert completer.proposer.counties[int(likeness.argmax())] == HANGZHOU
    assert Completer(empty_memory()).model is completer.chooser.table


def test_a_source_is_forgotten_at_once_or_not_at_all(memory, monkeypatch):
    monkeypatch.setattr(learning, "remove", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))  # killed meanwhile
    with pytest.raises(KeyboardInterrupt):
        forget("orders", memory)
    assert sources(memory) == [] and load_memory(memory).seen("文一西路") == []
    learn(ORDERS, "orders", memory)
    monkeypatch.setattr(learning, "draft_name", lambda path: path / "gone" / "x")  # as if another were faster
    with pytest.raises(BuqiError, match="orders: cannot be forgotten"):
        forget("orders", memory)


def test_what_a_process_left_that_was_killed_while_it_forgot_is_removed(memory, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(learning, "remove", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forget("orders", memory)
    (left,) = memory.iterdir()
    monkeypatch.setattr("buqi.owner.Owner.dead", True)
    with pytest.raises(UsageError, match="nothing was learnt from 'orders'"):
        forget("orders", memory)
    assert list(memory.iterdir()) == [] and not left.exists()


def test_a_memory_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr("buqi.places.learning.os.access", lambda *_: False)
    with pytest.raises(UsageError, match=f"nothing can be written in {tmp_path}; name another --memory"):
        learn(iter(lambda: pytest.fail("it was read"), None), "orders", tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
