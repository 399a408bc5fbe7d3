"""``divisions`` shows the table."""

from __future__ import annotations

import json

from tests.helpers import buqi


def test_divisions():
    record = json.loads(buqi("divisions", "show", "法门镇", "--json").stdout)[0]
    assert record["codes"] == {"province": "61", "city": "6103", "county": "610324", "town": "610324107"}
    assert {"name": "美阳村委会", "code": "610324107200"} in record["under"]
    assert buqi("divisions", "show", "鼓楼区").stdout.count("鼓楼区") == 4
    assert "扶风县" in buqi("divisions", "show", "610324").stdout
    assert "not in the table; it has 法门镇" in buqi("divisions", "show", "法门", code=1).stderr
    assert json.loads(buqi("divisions", "stats", "--json").stdout)["village"]["divisions"] == 605_632
