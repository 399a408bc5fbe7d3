"""What is right about one answer, and shares over many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from buqi.divisions import LEVELS, load_table
from buqi.evaluate.gold import Gold
from buqi.evaluate.prediction import Prediction
from buqi.task import Task

PCC = "province_city_county"
DIVISION = re.compile(r".{1,8}?(?:省|自治区|市|区|县|旗|州|盟|镇|乡|街道)")
MEASURES = (
    "exact_match",
    *LEVELS[:3],
    PCC,
    *LEVELS[3:],
    *("wrong", "refused", "invented", "lost", "doubled", "stopped", "failed", "character_f1"),
)


@dataclass(frozen=True)
class Score:
    """One answer against its gold; ``None`` where the row does not say.

    Attributes:
        levels: for each level that the gold names, whether it and all above it are right.
        wrong: a level is named that contradicts the gold.
        refused: not right down to the county (or as far as the gold goes), and not wrong.
        invented: it begins with something like a division that is not in the table.
        lost: characters behind the divisions that the gold has and the answer has not.
        doubled: characters behind the divisions that the answer has more often than the gold behind the same ones
            (all of the gold, where the divisions are others).
    """

    exact: bool | None
    stopped: bool | None
    levels: dict[str, bool]
    wrong: bool | None
    refused: bool | None
    invented: bool | None
    lost: bool | None
    doubled: bool | None
    failed: bool
    character_f1: float | None

    @property
    def right(self) -> bool:
        """What the row counts as: its levels down to the county, or, without levels, exact match."""
        return self.levels[PCC] if PCC in self.levels else bool(self.exact)

    def value(self, measure: str) -> float | None:
        """Return a measure of `MEASURES`."""
        if measure == "exact_match":
            return self.exact
        return self.levels.get(measure) if measure in (*LEVELS, PCC) else getattr(self, measure)


def score_answer(task: Task, given: Prediction, gold: Gold) -> Score:
    """Return what is right about an answer. Levels are read with the division table where it does not say them."""
    exact = task.same(given.text, gold.text) if gold.text else None
    overlap = character_f1(given.text, gold.text) if gold.text else None
    if gold.nowhere:
        named = given.levels if given.levels is not None else load_table().read(given.text)[0].codes
        wrong = any(named.values())
        return Score(None, given.stopped, {PCC: not wrong}, wrong, False, None, None, None, bool(given.failed), None)
    if not gold.levels:
        return Score(exact, given.stopped, {}, None, None, None, None, None, bool(given.failed), overlap)
    table = load_table()
    path, detail = table.read(given.text)
    named = given.levels if given.levels is not None else {level: path.name(level) for level in LEVELS}
    asked = [level for level in LEVELS[:3] if level in gold.levels]
    best = max((gold.levels, gold.today), key=lambda levels: _depth(named, levels))
    depth = _depth(named, best)
    levels = {level: at < depth for at, level in enumerate(gold.levels) if gold.levels[level]}
    levels[PCC] = depth >= len(asked)
    wrong = any(named.get(level, "") not in ("", best[level]) for level in asked)
    invented = lost = doubled = None
    if gold.text and given.levels is None:
        wanted = table.read(gold.text)[1]
        less = Counter(wanted) - Counter(detail)
        # A town under a wrong county is read as detail: 广州市番禺区瓯北镇 says nothing twice.
        more = Counter(detail) - Counter(gold.text.removeprefix(path.full))
        head = DIVISION.match(detail)
        invented = bool(head) and not wanted.startswith(head[0]) and not path.divisions  # type: ignore[index]
        lost, doubled = bool(less), bool(more) and not invented
    return Score(
        exact=exact,
        stopped=given.stopped,
        levels=levels,
        wrong=wrong,
        refused=not wrong and not levels[PCC],
        invented=invented,
        lost=lost,
        doubled=doubled,
        failed=bool(given.failed),
        character_f1=overlap,
    )


def _depth(named: dict[str, str], wanted: dict[str, str]) -> int:
    """Return how many levels from the top are right."""
    depth = 0
    for level, name in wanted.items():
        if named.get(level, "") != name:
            break
        depth += 1
    return depth


def character_f1(text: str, gold: str) -> float:
    """Return the harmonic mean of precision and recall over characters (bags), as SQuAD does over words."""
    same = sum((Counter(text) & Counter(gold)).values())
    return 2 * same / (len(text) + len(gold)) if text or gold else 1.0


def text_metrics(texts: Sequence[str], golds: Sequence[str]) -> dict[str, float]:
    """Return BLEU-4 (sacrebleu, by characters) and ROUGE-L (rouge-score, by characters), from 0 to 1.

    Empty where these packages are not installed.
    """
    try:
        from rouge_score import rouge_scorer
        from sacrebleu.metrics import BLEU
    except ImportError:
        return {}

    class Characters:
        def tokenize(self, text: str) -> list[str]:
            return list(text.replace(" ", ""))

    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=Characters())
    rouge = [scorer.score(gold, text)["rougeL"].fmeasure for text, gold in zip(texts, golds, strict=True)]
    bleu = BLEU(tokenize="char", effective_order=True).corpus_score(list(texts), [list(golds)])
    return {"bleu4": bleu.score / 100, "rouge_l": sum(rouge) / len(rouge)}


def shares(scores: Sequence[Score]) -> dict[str, float]:
    """Return the mean of each measure over the rows that have it."""
    found = {}
    for measure in MEASURES:
        values = [value for score in scores if (value := score.value(measure)) is not None]
        if values and (measure != "failed" or any(values)):
            found[measure] = sum(values) / len(values)
    return found
