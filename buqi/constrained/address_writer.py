"""Completes addresses: a model chooses the county, the program reads the names and copies the rest of the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from buqi.address.completion import BY_MODEL, Completion
from buqi.address.lines import complete_lines
from buqi.address.no_place import names_no_place
from buqi.address.placed import placed
from buqi.constrained.calibration import Calibration, answers
from buqi.constrained.chooser import CountyChooser
from buqi.constrained.search import CountySearch, ScoredDivision
from buqi.divisions import Match, load_matcher
from buqi.errors import UsageError

MOST_ALTERNATIVES = 5
LEAST_POSTERIOR = 0.01  # an alternative that is less likely is not shown


class AddressWriter:
    """Completes addresses. What it writes stands in the table or in the input.

    Args:
        calibration: of the model's adapter; without one, answers have no confidence.
        threshold: an answer below this confidence is not given; if left out, the calibration's. Without a calibration
            it is compared with the posterior; if left out, 0.

    Raises:
        UsageError: the threshold is not between 0 and 1.
    """

    def __init__(
        self, chooser: CountyChooser, calibration: Calibration | None = None, threshold: float | None = None
    ) -> None:
        self.chooser, self.calibration, self.matcher = chooser, calibration, load_matcher()
        if threshold is not None and not 0 <= threshold <= 1:
            raise UsageError(f"threshold {threshold}: expected a number from 0 to 1")
        shipped = calibration.threshold if calibration is not None else 0.0
        self.threshold = shipped if threshold is None else threshold

    def complete(self, texts: Sequence[str], progress: Callable[[int], None] = lambda _: None) -> list[Completion]:
        """Return a completion for each text, in order; of several addresses on a line the first is completed."""
        return complete_lines(texts, lambda addresses: self._complete(addresses, progress), self.matcher)

    def _complete(self, addresses: list[str], progress: Callable[[int], None]) -> list[Completion]:
        matches = [self.matcher.match(text) for text in addresses]
        places = [m for m in matches if m.text.strip() and not names_no_place(m, self.matcher)]
        progress(len(matches) - len(places))
        found = iter(self.chooser.search(places, progress))
        asked = {id(match) for match in places}
        return [self._verdict(m, next(found)) if id(m) in asked else Completion.nothing(m.text) for m in matches]

    def _verdict(self, match: Match, search: CountySearch) -> Completion:
        """Return the deepest answer that reaches the threshold, or a refusal."""
        likely = [c for c in search.counties()[:MOST_ALTERNATIVES] if c.posterior >= LEAST_POSTERIOR]
        others = [self._alternative(match, county) for county in likely]
        given = answers(search, self.calibration)
        for level, choice, confidence in given:
            if confidence >= self.threshold:
                left = tuple(others[level == "county" :])
                return placed(match, choice.code, self.chooser.table, self._told(confidence), left)
        surest = self._told(max(confidence for _, _, confidence in given))
        return Completion.unlikely(match.text, surest, tuple(others), BY_MODEL)

    def _told(self, confidence: float) -> float | None:
        return None if self.calibration is None else round(confidence, 4)

    def _alternative(self, match: Match, county: ScoredDivision) -> dict[str, Any]:
        return {"full": placed(match, county.code, self.chooser.table).full, "confidence": round(county.posterior, 4)}
