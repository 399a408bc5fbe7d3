"""The comparison as a terminal table and as one self-contained page."""

from __future__ import annotations

from difflib import SequenceMatcher
from html import escape
from importlib import resources
from typing import Any

from rich.table import Table

from buqi.artefact import versions

LABELS = {
    "exact_match": ("exact match", "完全一致"),
    "province": ("province", "省"),
    "city": ("city", "市"),
    "county": ("county", "县区"),
    "province_city_county": ("province+city+county", "省市县全对"),
    "town": ("town", "乡镇街道"),
    "stopped": ("ended by itself", "自行结束"),
}
SHOWN = 20


def terminal_table(record: dict[str, Any]) -> Table:
    """Return the shares right, one column a contestant. ``record`` is `Comparison.as_json`."""
    names = list(record["contestants"])
    table = Table(title=f"{record['rows']} rows: share right")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for measure, (english, chinese) in LABELS.items():
        values = [record["contestants"][name].get(measure) for name in names]
        if any(value is not None for value in values):
            table.add_row(f"{english} {chinese}", *("–" if v is None else f"{v:.1%}" for v in values))
    table.add_row("rows/s 速度", *(f"{record['contestants'][name]['rows_per_second'] or 0:.1f}" for name in names))
    if len(names) > 1:
        table.caption = f"{names[-1]} against {names[0]}: {len(record['fixed'])} fixed, {len(record['broken'])} broken"
    return table


def html_page(record: dict[str, Any], origin: dict[str, Any]) -> str:
    """Return the report as one page that needs no network.

    Args:
        record: what was measured, as `Comparison.as_json` gives it.
        origin: what to say of how to repeat it (base, adapter, rows and their hashes).
    """
    from jinja2 import Environment

    source = resources.files("buqi.evaluate").joinpath("report.html.jinja").read_text(encoding="utf-8")
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
    names = list(record["contestants"])
    return template.render(
        record=record,
        names=names,
        labels={k: v for k, v in LABELS.items() if any(k in c for c in record["contestants"].values())},
        examples=_examples(record),
        verdict=_verdict(record, names),
        kinds=_kinds(record, names),
        origin=origin | {"versions": ", ".join(f"{name} {number}" for name, number in versions().items())},
        marked=marked,
    )


def marked(answer: str, gold: str) -> str:
    """Return ``answer`` as HTML, its characters that differ from ``gold`` in ``<mark>``."""
    out = []
    for kind, start, end, *_ in SequenceMatcher(a=answer, b=gold, autojunk=False).get_opcodes():
        text = escape(answer[start:end])
        out.append(text if kind == "equal" or not text else f"<mark>{text}</mark>")
    return "".join(out)


def _examples(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that tuning broke, rows still wrong, rows it fixed, then others; numbered as in the file."""
    last = list(record["contestants"])[-1]
    wrong = [i for i, answer in enumerate(record["answers"]) if not answer["exact"][last]]
    order = [*record["broken"][: SHOWN // 4], *wrong[: SHOWN // 4], *record["fixed"], *range(record["rows"])]
    return [record["answers"][i] | {"number": i + 1} for i in sorted(list(dict.fromkeys(order))[:SHOWN])]


def _verdict(record: dict[str, Any], names: list[str]) -> tuple[str, str]:
    last = record["contestants"][names[-1]]["exact_match"]
    if len(names) == 1:
        return f"{names[0]} answers {last:.1%} of {record['rows']} rows exactly.", f"{names[0]} 完全答对 {last:.1%}。"
    first = record["contestants"][names[0]]["exact_match"]
    return (
        f"{names[-1]} answers {last:.1%} of {record['rows']} rows exactly, {names[0]} {first:.1%}: "
        f"{len(record['fixed'])} rows fixed, {len(record['broken'])} broken.",
        f"{record['rows']} 行中，{names[-1]} 完全答对 {last:.1%}，{names[0]} {first:.1%}："
        f"纠正 {len(record['fixed'])} 行，弄错 {len(record['broken'])} 行。",
    )


def _kinds(record: dict[str, Any], names: list[str]) -> list[dict[str, Any]]:
    by_kind = {name: record["contestants"][name]["by_damage"] for name in names}
    return [
        {"kind": kind, "rows": figures["rows"], "exact": [by_kind[name][kind]["exact_match"] for name in names]}
        for kind, figures in by_kind[names[0]].items()
    ]
