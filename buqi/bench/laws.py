"""Count violations of the laws of names over the whole table: every division, every form."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from multiprocessing import get_context

from buqi.address import Completion
from buqi.address.completer import Completer
from buqi.address.lines import Line
from buqi.address.settled import of_the_prefecture
from buqi.address.turned import EndReader
from buqi.bench.kept_text import bare, comes_back, is_kept
from buqi.bench.law_trials import Forms, Trial
from buqi.divisions import Division, Table, load_matcher, load_table
from buqi.machine import compute_in_one_thread, cores
from buqi.places.memory import empty_memory

WORST = 10
CHUNK = 400  # divisions that a process takes at a time
RIGHT, REFUSED, LESS, WRONG, LOST = "right", "refused", "less", "wrong", "lost"


@dataclass
class Tally:
    """What became of one law's trials.

    Attributes:
        counts: trials by outcome: ``right``, ``refused``, ``less`` (a level above was answered, or a place that had the
            name before), ``wrong`` (another place), ``lost`` (characters are missing, doubled or in another place).
        examples: some of the trials that were not right, with what was answered.
        refusable: whether ``refused`` and ``less`` are allowed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    refusable: bool = False

    @property
    def allowed(self) -> tuple[str, ...]:
        """Outcomes that keep the law."""
        return (RIGHT, REFUSED, LESS) if self.refusable else (RIGHT,)

    @property
    def violations(self) -> int:
        """How many trials broke the law."""
        return sum(n for outcome, n in self.counts.items() if outcome not in self.allowed)

    def add(self, other: Tally) -> None:
        """Add what another process counted."""
        self.counts += other.counts
        self.examples = (self.examples + other.examples)[:WORST]
        self.refusable = self.refusable or other.refusable


@cache
def _ends() -> EndReader:
    return EndReader(load_matcher())


def _is_kept(text: str, answer: Completion) -> bool:
    """Whether nothing of a text is lost: of several addresses the first is read, the others stay behind it."""
    first = Line.read(text, load_matcher(), contact=False).asked
    answer = replace(answer, detail=answer.detail.removesuffix(text[len(first) :]))
    turned = _ends().turned(load_matcher().match(first))
    return is_kept(answer, of_the_prefecture(turned, load_matcher()))


def outcome(trial: Trial, answer: Completion, table: Table) -> str:
    """Return what became of a trial: one of the outcomes of `Tally`."""
    if not trial.code:
        return RIGHT if _is_kept(trial.text, answer) else LOST
    if answer.status not in ("complete", "partial"):
        return REFUSED
    code = answer.path.divisions[-1].code
    wanted = {d.code for d in table.path(trial.code).divisions}
    found = {d.code for d in answer.path.divisions}
    if not wanted <= found:
        before = any(found & {d.code for d in table.path(other).divisions[1:]} for other in trial.others)
        return LESS if found < wanted or before else WRONG
    deeper = code != trial.code and not trial.detail  # nothing in the text speaks for more
    kept = bare(answer.detail) == bare(trial.detail) and bare(answer.lead) == bare(trial.lead)
    if deeper or answer.full != answer.path.full + answer.detail:
        return WRONG
    # 乐山市中人民路 is also 乐山市 and 中人民路: the short name may stay in the text
    return RIGHT if kept or (trial.refusable and comes_back(trial.text, answer)) else LOST


def divisions_of(table: Table, towns: int | None = None, counties: int | None = None, seed: int = 0) -> list[Division]:
    """Return every division, or all provinces and cities and some counties and towns drawn with a seed."""
    chance = random.Random(seed)
    found = [d for level in ("province", "city") for d in table.at(level)]
    for level, count in (("county", counties), ("town", towns)):
        under = list(table.at(level))
        found += under if count is None else chance.sample(under, count)
    return found


def count_violations(
    divisions: Sequence[Division], processes: int = 1, laws: str = "", progress: Callable[[int], None] = lambda _: None
) -> dict[str, Tally]:
    """Return a tally for each law, in the order of the laws.

    Args:
        processes: that work at once.
        laws: only the laws whose names hold this text.
        progress: called with how many divisions more are done.
    """
    codes = [d.code for d in divisions]
    random.Random(0).shuffle(codes)  # towns take longer than counties
    chunks = [codes[i : i + CHUNK] for i in range(0, len(codes), CHUNK)]
    found: dict[str, Tally] = defaultdict(Tally)
    for chunk, tallies in zip(chunks, _mapped(chunks, laws, processes), strict=True):
        for law, tally in tallies.items():
            found[law].add(tally)
        progress(len(chunk))
    return dict(sorted(found.items()))


def _mapped(chunks: Sequence[list[str]], laws: str, processes: int) -> Iterator[dict[str, Tally]]:
    if processes == 1:
        yield from (_tried(chunk, laws) for chunk in chunks)
        return
    # forked ones can hang: polars holds locks of its threads
    with ProcessPoolExecutor(min(processes, cores()), get_context("spawn"), compute_in_one_thread) as pool:
        yield from pool.map(_tried, chunks, [laws] * len(chunks))


def _tried(codes: Iterable[str], laws: str) -> dict[str, Tally]:
    forms, completer = _tools()
    trials = (t for code in codes for t in forms.trials(forms.table.by_code[code]) if laws in t.law)
    tallies: dict[str, Tally] = defaultdict(Tally)
    while some := list(islice(trials, 2000)):
        for trial, answer in zip(some, completer.complete_all(t.text for t in some), strict=True):
            tally, result = tallies[trial.law], outcome(trial, answer, forms.table)
            tally.refusable = trial.refusable
            tally.counts[result] += 1
            if result not in tally.allowed and len(tally.examples) < WORST:
                tally.examples.append(f"{result}: {trial.text!r} → {answer.full!r} {answer.lead!r}")
    return dict(tallies)


@cache
def _tools() -> tuple[Forms, Completer]:
    return Forms(load_table()), Completer(empty_memory())
