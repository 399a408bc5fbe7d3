"""The comparison as one self-contained HTML page."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from html import escape
from importlib import resources
from typing import Any

from buqi.artefact import versions
from buqi.curves import calibration_curve, coverage_curve
from buqi.errors import counted
from buqi.evaluate.metrics import PCC

LABELS = {
    "exact_match": ("exact match", "完全一致"),
    "province": ("province", "省"),
    "city": ("city", "市"),
    "county": ("county", "县区"),
    PCC: ("province+city+county", "省市县全对"),
    "town": ("town", "乡镇街道"),
    "village": ("village", "村社区"),
    "wrong": ("answered wrongly", "答错"),
    "refused": ("not answered", "未作答"),
    "invented": ("invented divisions", "虚构区划"),
    "lost": ("text lost", "丢字"),
    "doubled": ("text doubled", "重字"),
    "stopped": ("ended by itself", "自行结束"),
    "failed": ("failed", "失败"),
    "character_f1": ("character F1", "字符 F1"),
    "bleu4": ("BLEU-4", "BLEU-4"),
    "rouge_l": ("ROUGE-L", "ROUGE-L"),
    "calibration_error": ("calibration error", "校准误差"),
}
CHARTED = ("exact_match", "province", "city", "county", PCC, "town", "character_f1", "bleu4", "rouge_l")
ROWS_SHOWN = 3000
MEAN = ("mean", "平均")
SIGNIFICANT = 0.05  # p below which two contestants are said to differ


def mean_of(slices: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Return the mean of the slices' shares, in which each slice counts once, however many rows it has."""
    return {
        key: sum(figures[key] for figures in slices.values()) / len(slices)
        for key in ("right", "wrong")
        if all(key in figures for figures in slices.values())
    }


def labels_of(record: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the labels of the measures that any contestant has."""
    contestants = record["contestants"].values()
    return {key: label for key, label in LABELS.items() if any(key in figures for figures in contestants)}


def changes(record: dict[str, Any], old: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what changed since an older report of the same rows: contestant, measure, before, after."""
    found = []
    for name, figures in record["contestants"].items():
        before = old.get("contestants", {}).get(name)
        for measure in LABELS if before else ():
            one, other = before.get(measure), figures.get(measure)
            if one is not None and other is not None and abs(one - other) >= 0.00005:
                found.append({"name": name, "measure": measure, "before": one, "after": other})
    return found


def html_page(record: dict[str, Any], origin: dict[str, Any], show_rows: bool = True) -> str:
    """Return the report as one page that needs no network.

    Args:
        record: what was measured, as `Comparison.as_json` gives it; ``changes`` if it was compared with an older one.
        origin: what to say of how to repeat it (base, adapter, rows and their hashes).
        show_rows: put the rows on the page; without them it holds figures only.
    """
    from jinja2 import Environment

    source = resources.files("buqi.evaluate").joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["percent"] = lambda v: "–" if v is None else f"{100 * v:.1f} %"
    environment.filters["figures_of"] = lambda name: record["contestants"][name]
    names = list(record["contestants"])
    curves = {name: figures for name, figures in record["contestants"].items() if "coverage" in figures}
    return environment.from_string(source).render(
        record=record,
        names=names,
        labels=labels_of(record),
        charted=[key for key in CHARTED if any(key in c for c in record["contestants"].values())],
        sections=[s for s in (_section(record, "by_slice"), _section(record, "by_damage")) if s],
        curves=[("coverage", coverage_curve(curves)), ("calibration", calibration_curve(curves))] if curves else [],
        verdict=verdict(record, names),
        rows=json.dumps(_rows(record), ensure_ascii=False).replace("</", "<\\/") if show_rows else "",
        shown=min(record["rows"], ROWS_SHOWN),
        slices=sorted({a["slice"] for a in record["answers"] if "slice" in a}),
        sure=SIGNIFICANT,
        mean=MEAN,
        origin=origin | {"versions": ", ".join(f"{name} {number}" for name, number in versions().items())},
    )


def _section(record: dict[str, Any], key: str) -> dict[str, Any] | None:
    groups = {name: figures.get(key, {}) for name, figures in record["contestants"].items()}
    first = next(iter(groups.values()))
    if not first:
        return None
    title = ("By slice", "分片") if key == "by_slice" else ("By damage", "按残缺方式")
    means = {name: mean_of(slices) for name, slices in groups.items()} if key == "by_slice" else {}
    return {"title": title, "groups": list(first), "of": groups, "means": means}


def right_by(record: dict[str, Any]) -> str:
    """Return the field of an answer that says whether it counts as right, by the record's ``measure``."""
    return "exact" if record["measure"] == "exact_match" else "right"


def verdict(record: dict[str, Any], names: list[str]) -> tuple[str, str]:
    """Return the result in one sentence, English and Chinese."""
    measure = record["measure"]
    english, chinese = LABELS[measure]
    last = record["contestants"][names[-1]].get(measure, 0.0)
    rows = counted(record["rows"], "row")
    if len(names) == 1:
        return f"{names[0]}: {english} on {last:.1%} of {rows}.", f"{names[0]}：{chinese} {last:.1%}。"
    first = record["contestants"][names[0]].get(measure, 0.0)
    asked = (measure, names[0], names[-1])
    pair = next((p for p in record["pairs"] if (p["measure"], p["one"], p["other"]) == asked), None)
    sure = pair is not None and pair["p"] < SIGNIFICANT
    return (
        f"{names[-1]} is right ({english}) on {last:.1%} of {rows}, {names[0]} on {first:.1%}: "
        f"{counted(len(record['fixed']), 'row')} fixed, {len(record['broken'])} broken"
        f"{'' if sure else '; the difference may be chance'}.",
        f"{record['rows']} 行中，{names[-1]} {chinese} {last:.1%}，{names[0]} {first:.1%}："
        f"纠正 {len(record['fixed'])} 行，弄错 {len(record['broken'])} 行{'' if sure else '；差异可能出于偶然'}。",
    )


def marked(answer: str, gold: str, whole: bool = True) -> str:
    """Return an answer that is not right as HTML, its characters that differ from ``gold`` in ``<mark>``.

    Where ``gold`` is not ``whole`` (only levels are known), what the answer says behind its end is not marked.
    """
    out = []
    for kind, start, end, gold_start, gold_end in SequenceMatcher(a=answer, b=gold, autojunk=False).get_opcodes():
        stop = start if kind == "equal" else end
        if gold_end == len(gold) and not whole:
            stop = min(stop, start + gold_end - gold_start)
        wrong, others = escape(answer[start:stop]), escape(answer[stop:end])
        out.append((f"<mark>{wrong}</mark>" if wrong else "") + others)
    return "".join(out)


def shown_answer(answers: dict[str, Any], name: str, right: str) -> str:
    """Return a contestant's answer to a row as HTML: marked as `marked` does, unless it counts as right.

    Where only levels are known, one that names none wrongly has no mark either.

    Args:
        answers: one of the record's ``answers``, in which ``name`` has one.
        name: of the contestant.
        right: `right_by` of the record.
    """
    text, whole = answers["answers"][name], answers["whole"]
    plain = answers[right].get(name) or not (whole or answers["wrong"].get(name))
    return escape(text) if plain else marked(text, answers["gold"], whole)


def _rows(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows for the page's script, the most telling first: broken, fixed, wrong with the last contestant, others."""
    last, right = list(record["contestants"])[-1], right_by(record)
    broken, fixed = set(record["broken"]), set(record["fixed"])

    def order(i: int) -> tuple[int, int]:
        a = record["answers"][i]
        unlike = not a[right].get(last, True)
        kind = 0 if i in broken else 1 if a["wrong"].get(last) else 2 if i in fixed else 3 if unlike else 4
        return kind, i

    chosen = sorted(range(record["rows"]), key=order)[:ROWS_SHOWN]
    return [
        {
            "n": i + 1,
            "in": a["src"],
            "gold": a["gold"],
            "s": a.get("slice", a.get("damage", "")),
            "k": "broken" if i in broken else "fixed" if i in fixed else "",
            "a": [
                [
                    shown_answer(a, name, right),
                    int(a[right][name]),
                    int(a["wrong"][name]),
                    a["failed"].get(name, ""),
                ]
                if name in a["answers"]
                else ["–", 0, 0, ""]  # not asked
                for name in record["contestants"]
            ],
        }
        for i in chosen
        for a in [record["answers"][i]]
    ]
