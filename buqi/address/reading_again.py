"""The readers that look at an answer again, one after the other: each answers a kind of lines that hides its place.

A reader returns the answer that it was given where it knows nothing better. It leaves most answers after a cheap test.
"""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.bracketed import BracketedPlaces
from buqi.address.bureau_farms import read_bureau_farm
from buqi.address.city_and_person import CityAndPerson
from buqi.address.completion import Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.address.firms import Firms
from buqi.address.form_labels import FormLabels
from buqi.address.goods_markets import read_goods_market
from buqi.address.kept_phrases import keep_phrases
from buqi.address.known_parts import KnownParts
from buqi.address.mines import read_mine
from buqi.address.names_behind import NamesBehind
from buqi.address.old_provinces import OldProvinces
from buqi.address.products import Products
from buqi.address.schools import read_school
from buqi.address.second_reading import SecondReader
from buqi.address.short_counties import ShortCounties
from buqi.address.slipped_lead import SlippedLead
from buqi.address.slipped_names import SlippedNames
from buqi.address.swapped_kinds import SwappedKinds
from buqi.address.talk import Talk
from buqi.address.town_apart import read_town_apart
from buqi.address.words_before import WordsBefore
from buqi.address.zone_and_county import read_county_behind_zone
from buqi.divisions import Matcher

Reader = Callable[[Completion], Completion]
CITY = 4  # characters of a city's code


def readers(
    matcher: Matcher, short: Callable[[], ShortNames], complete: Callable[[str], Completion]
) -> tuple[Reader, ...]:
    """Return the readers in the order in which they look at an answer.

    Args:
        matcher: has the names.
        short: the short names of divisions.
        complete: completes a part of the text, or the text with other words.
    """

    def named_after(answer: Completion) -> Completion:
        """Return the answer of the place that a farm, a market, a school or a mine is named after, or ``answer``."""
        if len(answer.code) > CITY and (answer.confidence or 0.0) >= LESS_SURE:
            return answer
        again = read_goods_market(read_bureau_farm(answer, matcher), matcher, short)
        return read_mine(read_school(again, matcher.table, short), matcher.table, short)

    return (
        FormLabels(complete).read,
        Talk(matcher, complete).read,
        WordsBefore(matcher, complete).read,
        Products(matcher, short, complete).read,
        BracketedPlaces(matcher, short, complete).read,
        Firms(matcher, short, complete).read,
        SecondReader(matcher).read,
        KnownParts(short()).read,
        SlippedNames(matcher, complete).read,
        SlippedLead(matcher, complete).read,
        ShortCounties(matcher, complete).read,
        SwappedKinds(matcher, complete).read,
        named_after,
        CityAndPerson(short, complete).read,
        OldProvinces(matcher, complete).read,
        NamesBehind(matcher, complete).read,
        lambda answer: read_county_behind_zone(answer, matcher.table, complete),
        lambda answer: read_town_apart(answer, matcher),
        keep_phrases,
    )
