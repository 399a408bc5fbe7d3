"""What follows a city's short name tells whether it is the city or the beginning of another name."""

from __future__ import annotations

import pytest

from buqi.address.city_names import ROAD, ZONE, kind_behind, load_city_shares


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("郑州花园路12号", ROAD),
        ("西安科技路", ROAD),
        ("长春经济开发区", ZONE),
        ("沈阳高新区科技路", ZONE),
        ("延安南街", ""),  # named after the city
        ("郑州路12号", ""),
        ("延安村三路", ""),
        ("延安路熟食品加工基地", ""),
        ("南京西路泉北商贸城", ""),
        ("郑州烩面", ""),
        ("郑州", ""),
    ],
)
def test_what_follows_a_name(text, kind):
    assert kind_behind(text, 2) == kind


def test_a_city_whose_name_is_a_common_word_tells_less():
    shares = load_city_shares()
    assert len(shares) > 550 and all(0.0 < share < 1.0 for share in shares.values())
    assert shares[ROAD, "2113"] < 0.7 < 0.97 < shares[ROAD, "4101"]  # 朝阳, 郑州
