from __future__ import annotations

import pytest

from buqi.address.city_names import CITY_NAMES_FILE
from buqi.address.data_tables import table_rows
from buqi.address.evidence.doors import DOORS_FILE
from buqi.address.evidence.named_after import NAMED_AFTER_FILE
from buqi.address.first_names import FIRST_NAMES_FILE


@pytest.mark.parametrize("file", [CITY_NAMES_FILE, DOORS_FILE, FIRST_NAMES_FILE, NAMED_AFTER_FILE])
def test_every_line_has_a_cell_for_each_column(file):
    head, rows = table_rows(file)
    assert rows and all(len(row) == len(head) for row in rows)
