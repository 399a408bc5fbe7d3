"""Several contestants over the same rows, side by side."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

from buqi.evaluate.contestants import Contestant, FileContestant
from buqi.evaluate.gold import Gold, gold_of
from buqi.evaluate.metrics import PCC, Score, score_answer, shares, text_metrics
from buqi.evaluate.prediction import Prediction
from buqi.evaluate.statistics import calibration, coverage, interval, mcnemar
from buqi.evaluate.trust import can_judge, trust
from buqi.machine import MemoryTaken
from buqi.rows import Row
from buqi.task import Task

SHARES_WITH_INTERVAL = ("exact_match", "province", "city", "county", PCC, "town", "wrong", "refused")
GROUP_MEASURES = ("exact_match", "wrong", "refused")
GROUP_INTERVALS = ("right", "wrong", "refused")


@dataclass
class Entry:
    """A contestant's answers and scores; ``asked`` has the number of the row that each belongs to."""

    name: str
    answers: list[Prediction]
    scores: list[Score]
    seconds: float
    memory_mb: float
    asked: Sequence[int]

    @property
    def right(self) -> list[bool]:
        """Which of the rows asked it has right."""
        return [score.right for score in self.scores]

    @cached_property
    def by_row(self) -> dict[int, tuple[Prediction, Score]]:
        """Answer and score by number of the row."""
        return dict(zip(self.asked, zip(self.answers, self.scores, strict=True), strict=True))


@dataclass(frozen=True)
class Comparison:
    """Answers and scores of all contestants over the same rows; ``absent`` says who could not take part, and why."""

    task: Task
    rows: Sequence[Row]
    golds: Sequence[Gold]
    entries: Sequence[Entry]
    absent: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return every figure and every answer.

        ``measure`` is what a row counts as right by. An answer's ``gold`` is ``whole``, or ends where its levels end:
        what follows in an answer is then neither right nor wrong.
        """
        fixed, broken = self.changed()
        return {
            "task": self.task.name,
            "rows": len(self.rows),
            "measure": self.measures[0],
            "contestants": {entry.name: self._figures(entry) for entry in self.entries},
            "absent": self.absent,
            "pairs": self.pairs(),
            "fixed": fixed,
            "broken": broken,
            "answers": [self._answer(i) for i in range(len(self.rows))],
        }

    def _answer(self, i: int) -> dict[str, Any]:
        row, gold = self.rows[i], self.golds[i]
        asked = {e.name: e.by_row[i] for e in self.entries if i in e.by_row}
        answers, scores = {n: answer for n, (answer, _) in asked.items()}, {n: score for n, (_, score) in asked.items()}
        return {
            "src": self.task.text_of(row.src[-1]),
            "gold": gold.text or "".join(gold.levels.values()),
            "whole": bool(gold.text) or gold.nowhere,
            **{key: row.meta[key] for key in ("damage", "slice") if key in row.meta},
            "answers": {name: answer.text for name, answer in answers.items()},
            "exact": {name: bool(score.exact_match) for name, score in scores.items()},
            "right": {name: score.right for name, score in scores.items()},
            "wrong": {n: not s.right if s.wrong is None else s.wrong for n, s in scores.items()},
            "failed": {name: answer.failed for name, answer in answers.items() if answer.failed},
        }

    def _figures(self, entry: Entry) -> dict[str, Any]:
        found: dict[str, Any] = {"rows": len(entry.asked)}
        found |= {name: round(value, 4) for name, value in shares(entry.scores).items()}
        golds = [self.golds[i] for i in entry.asked]
        if not any(gold.levels for gold in golds) and all(gold.text for gold in golds):
            found |= text_metrics([a.text for a in entry.answers], [gold.text for gold in golds])
        sure = [
            (a.confidence, not s.wrong)
            for a, s, gold in zip(entry.answers, entry.scores, golds, strict=True)
            if a.confidence is not None and can_judge(a, gold)
        ]
        found |= {
            "intervals": {name: _interval(entry.scores, name) for name in SHARES_WITH_INTERVAL if name in found},
            "seconds": round(entry.seconds, 2),
            "rows_per_second": round(len(golds) / entry.seconds, 2) if entry.seconds else None,
            "memory_mb": round(entry.memory_mb),
            "by_slice": self._groups(entry, "slice"),
            "by_damage": self._groups(entry, "damage"),
            "confusion": self._confusion(entry),
        }
        if sure:
            error, bins = calibration(sure)
            found |= {"calibration_error": round(error, 4), "calibration": bins}
            found["coverage"] = coverage(sure, len(golds))
            found["trust"] = trust(self._judged(entry))
        tokens = [sum(counts) for counts in zip(*(a.tokens for a in entry.answers), strict=True)]
        answered = zip(entry.asked, entry.answers, strict=True)
        failures = [{"row": i + 1, "why": answer.failed} for i, answer in answered if answer.failed]
        return found | ({"tokens": tokens} if any(tokens) else {}) | ({"failures": failures} if failures else {})

    def _judged(self, entry: Entry) -> Iterator[tuple[str, str, Prediction, Score, Gold]]:
        """Yield text, slice, answer, score and gold of each row."""
        for i, answer, score in zip(entry.asked, entry.answers, entry.scores, strict=True):
            row, gold = self.rows[i], self.golds[i]
            yield self.task.text_of(row.src[-1]), str(row.meta.get("slice", "")), answer, score, gold

    def _groups(self, entry: Entry, key: str) -> dict[str, Any]:
        groups: dict[str, list[Score]] = defaultdict(list)
        for i, score in zip(entry.asked, entry.scores, strict=True):
            if key in self.rows[i].meta:
                groups[str(self.rows[i].meta[key])].append(score)
        return {
            name: {
                "rows": len(scores),
                "right": round(sum(score.right for score in scores) / len(scores), 4),
                "intervals": {m: _interval(scores, m) for m in GROUP_INTERVALS},
                **{m: round(v, 4) for m, v in shares(scores).items() if m in GROUP_MEASURES},
            }
            for name, scores in sorted(groups.items())
        }

    def _confusion(self, entry: Entry) -> dict[str, int]:
        """Count, over rows answered wrongly, the first level that is wrong."""
        wrong = (score.levels.items() for score in entry.scores if score.wrong)
        return dict(Counter(next((level for level, ok in levels if not ok), "none") for levels in wrong))

    @property
    def measures(self) -> list[str]:
        """What a row can be right in: exact match where all rows have whole answers, and the levels if any has some."""
        whole = all(gold.text for gold in self.golds)
        levels = any(gold.levels or gold.nowhere for gold in self.golds)
        return [*(["exact_match"] if whole else []), *([PCC] if levels or not whole else [])]

    def pairs(self) -> list[dict[str, Any]]:
        """Return, for two contestants each and each measure, the rows that only one has right, and McNemar's p."""
        found = []
        for measure in self.measures:
            for one, other in combinations(self.entries, 2):
                rows = _both(one, other, measure)
                only = [rows.count((True, False)), rows.count((False, True))]
                pair = {"measure": measure, "one": one.name, "other": other.name}
                found.append({**pair, "only": only, "p": mcnemar(*only)})
        return found

    def changed(self) -> tuple[list[int], list[int]]:
        """Return the rows that the last contestant has right and the first wrong (fixed), and the reverse (broken).

        Right is by the first of `measures`.
        """
        if len(self.entries) < 2:
            return [], []
        first, last = self.entries[0], self.entries[-1]
        both = [i for i in first.asked if i in last.by_row]
        hits = _both(first, last, self.measures[0])
        kinds = ((False, True), (True, False))
        fixed, broken = ([i for i, hit in zip(both, hits, strict=True) if hit == kind] for kind in kinds)
        return fixed, broken


def _both(one: Entry, other: Entry, measure: str) -> list[tuple[bool, bool]]:
    """Return which rows, of those asked of two contestants, each has right in a measure of `Comparison.measures`."""

    def hit(score: Score) -> bool:
        return bool(score.exact_match) if measure == "exact_match" else score.right

    return [(hit(one.by_row[i][1]), hit(other.by_row[i][1])) for i in one.asked if i in other.by_row]


def _interval(scores: Sequence[Score], measure: str) -> list[float]:
    read = (score.right if measure == "right" else score.value(measure) for score in scores)
    values = [bool(value) for value in read if value is not None]
    return [round(end, 4) for end in interval(values)]


def compare_rows(
    task: Task,
    rows: Sequence[Row],
    contestants: Sequence[Contestant],
    progress: Callable[[str, int, int], None] = lambda *_: None,
    kept: Path | None = None,
    absent: dict[str, str] | None = None,
    some: Mapping[str, Sequence[int]] | None = None,
) -> Comparison:
    """Let every contestant answer every row, or those that ``some`` names.

    Args:
        progress: called with a contestant's name, how many more rows it has answered, and how many it is asked.
        kept: folder where answers are kept while the run goes on; what lies there from an interrupted one is used.
        some: numbers of the rows that a contestant is asked, by its name.
    """
    golds = [gold_of(row, task.is_address) for row in rows]
    entries = []
    for contestant in contestants:
        asked = (some or {}).get(contestant.name, range(len(rows)))
        answers, seconds, grown = _answers(task, [rows[i] for i in asked], contestant, progress, kept)
        scores = [score_answer(task, answer, golds[i]) for i, answer in zip(asked, answers, strict=True)]
        if isinstance(contestant, FileContestant):
            seconds = 0.0  # how long they took is not known
        entries.append(Entry(contestant.name, answers, scores, seconds, contestant.memory_mb(grown), asked))
    return Comparison(task, rows, golds, entries, absent or {})


def _answers(
    task: Task,
    rows: Sequence[Row],
    contestant: Contestant,
    progress: Callable[[str, int, int], None],
    kept: Path | None,
) -> tuple[list[Prediction], float, float]:
    """Return the answers, the seconds they took, and what this process's memory grew by (10^6 bytes)."""
    path = kept / f"{_key(task, rows, contestant)}.jsonl" if kept else None
    answers, seconds, grown = _kept(path)
    taken = MemoryTaken()
    progress(contestant.name, len(answers), len(rows))
    while len(answers) < len(rows):
        piece = rows[len(answers) : len(answers) + contestant.piece]
        started = time.monotonic()
        fresh = contestant.answer(task, piece)
        spent = time.monotonic() - started
        grown = max(grown, taken.mb)
        answers += fresh
        seconds += spent
        if path:
            first = len(answers) - len(fresh)
            record = {"first": first, "seconds": spent, "grown_mb": grown, "answers": [asdict(a) for a in fresh]}
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError), path.open("a", encoding="utf-8") as file:  # the same one has just ended
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        progress(contestant.name, len(fresh), len(rows))
    return answers, seconds, grown


def _kept(path: Path | None) -> tuple[list[Prediction], float, float]:
    """Return what an interrupted run had answered, up to the first line that is cut off or damaged.

    Two runs at once write into one file. Of two pieces that begin with the same row the first counts.
    """
    answers: list[Prediction] = []
    seconds = grown = 0.0
    if path is not None and path.is_file():
        whole: list[str] = []
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
                record = json.loads(line)
                found = [Prediction.from_json(answer) for answer in record["answers"]]
                if record["first"] == len(answers):
                    spent, most = float(record["seconds"]), float(record["grown_mb"])
                    answers, seconds, grown = [*answers, *found], seconds + spent, max(grown, most)
                    whole.append(line)
        path.write_text("".join(f"{line}\n" for line in whole), encoding="utf-8")
    return answers, seconds, grown


def _key(task: Task, rows: Sequence[Row], contestant: Contestant) -> str:
    """Return the name under which answers are kept: it changes with the task, the rows and the contestant."""
    about = [task.fingerprint, contestant.name, contestant.identity, [row.as_json() for row in rows]]
    return hashlib.sha256(json.dumps(about, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]
