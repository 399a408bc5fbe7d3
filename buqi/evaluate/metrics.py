"""What is right about one answer, and shares over many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from types import SimpleNamespace

from buqi.divisions import LEVELS, load_table
from buqi.evaluate.gold import Gold
from buqi.evaluate.prediction import Prediction
from buqi.task import Task

PCC = "province_city_county"
DIVISION = re.compile(r".{1,8}?(?:省|自治区|市|区|县|旗|州|盟|镇|乡|街道)")
OTHERS = ("wrong", "refused", "invented", "lost", "doubled", "stopped", "failed", "character_f1")
MEASURES = ("exact_match", *LEVELS[:3], PCC, *LEVELS[3:], *OTHERS)


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

    stopped: bool | None
    failed: bool
    exact_match: bool | None = None
    character_f1: float | None = None
    levels: dict[str, bool] = field(default_factory=dict)
    wrong: bool | None = None
    refused: bool | None = None
    invented: bool | None = None
    lost: bool | None = None
    doubled: bool | None = None

    @property
    def right(self) -> bool:
        """What the row counts as: its levels down to the county, or, without levels, exact match."""
        return self.levels.get(PCC, bool(self.exact_match))

    def value(self, measure: str) -> float | None:
        """Return a measure of `MEASURES`."""
        return self.levels.get(measure) if measure in (*LEVELS, PCC) else getattr(self, measure)


def score_answer(task: Task, given: Prediction, gold: Gold) -> Score:
    """Return what is right about an answer. Levels are read with the division table where it does not say them."""
    score = Score(given.stopped, bool(given.failed))
    if gold.text:
        same, overlap = task.same(given.text, gold.text), character_f1(given.text, gold.text)
        score = replace(score, exact_match=same, character_f1=overlap)
    if not gold.levels and not gold.nowhere:
        return score
    table = load_table()
    path, detail = table.read(given.text)
    named = {level: path.name(level) for level in LEVELS} if given.levels is None else given.levels
    if gold.nowhere:
        wrong = any(named.values())
        return replace(score, levels={PCC: not wrong}, wrong=wrong, refused=False)
    asked = [level for level in LEVELS[:3] if level in gold.levels]
    best = max((gold.levels, gold.today), key=lambda levels: _depth(named, levels))
    depth = _depth(named, best)
    levels = {level: at < depth for at, level in enumerate(gold.levels) if gold.levels[level]}
    levels[PCC] = depth >= len(asked)
    wrong = any(named.get(level, "") not in ("", best[level]) for level in asked)
    score = replace(score, levels=levels, wrong=wrong, refused=not wrong and not levels[PCC])
    if not gold.text or given.levels is not None:
        return score
    wanted = table.read(gold.text)[1]
    # A town under a wrong county is read as detail: 广州市番禺区瓯北镇 says nothing twice.
    more = Counter(detail) - Counter(gold.text.removeprefix(path.full))
    head = DIVISION.match(detail)
    invented = head is not None and not wanted.startswith(head[0]) and not path.divisions
    lost = bool(Counter(wanted) - Counter(detail))
    return replace(score, invented=invented, lost=lost, doubled=bool(more) and not invented)


def _depth(named: dict[str, str], wanted: dict[str, str]) -> int:
    """Return how many levels from the top are right."""
    return len(list(takewhile(lambda level: named.get(level, "") == wanted[level], wanted)))


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

    tokenizer = SimpleNamespace(tokenize=lambda text: list(text.replace(" ", "")))
    scorer = rouge_scorer.RougeScorer(["rougeL"], tokenizer=tokenizer)
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
