"""The list of evidence, and what its kinds share."""

from __future__ import annotations

import numpy as np

from buqi.address.evidence import COLUMNS, EVIDENCE, FEATURES, Column
from buqi.address.evidence.base import LIMIT, limited
from tests.address.evidence.conftest import parsed, said


def test_no_column_has_two_names_and_every_other_that_it_names_exists():
    assert len(set(FEATURES)) == len(FEATURES) == sum(len(kind.columns) for kind in EVIDENCE)
    assert {other for column in COLUMNS for other in (*column.times, *column.where)} <= set(FEATURES)


def test_every_kind_says_only_what_it_declares(resources):
    for kind in EVIDENCE:
        made = kind(resources)
        for text in ("文一西路969号", "鼓楼区中央路1号", "高新区科技路1号", ""):
            found = said(made, parsed(resources, text, match=True))
            assert found.keys() <= {column.name for column in kind.columns}, kind
            assert all(column.shape == (len(resources.counties),) for column in found.values()), kind
            assert all(np.isfinite(column).all() for column in found.values()), kind


def test_towns_by_their_stem_and_namesakes(resources):
    assert resources.town_stems["磁灶"] == [resources.counties.number["350582"]]
    assert resources.namesakes("莲池") > resources.namesakes("浏阳")


def test_nothing_speaks_louder_than_the_limit():
    assert limited(np.array([-99.0, 1.0, 99.0])).tolist() == [-LIMIT, 1.0, LIMIT]
    assert Column("moon").times == ()
