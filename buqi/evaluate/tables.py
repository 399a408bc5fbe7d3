"""The comparison as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from buqi.errors import counted
from buqi.evaluate.metrics import PCC
from buqi.evaluate.report import LABELS, MEAN, labels_of, mean_of
from buqi.evaluate.trust import SURE

MOST_COLUMNS = 4  # contestants; of more each is a line, so that the table fits a terminal
SHORT_LIST = ("exact_match", PCC, "wrong", "refused", "calibration_error")  # measures that fit beside each other
BORDER = 3  # what a column takes beside its text


def terminal_table(record: dict[str, Any]) -> Group:
    """Return the figures and notes below. ``record`` is `Comparison.as_json`."""
    wide = len(record["contestants"]) > MOST_COLUMNS
    return Group(_one_line_each(record) if wide else _one_column_each(record), *map(Text, _notes(record)))


def _one_column_each(record: dict[str, Any]) -> Table:
    table = Table(title=counted(record["rows"], "row"))
    table.add_column("", overflow="fold")
    figures = list(record["contestants"].values())
    for name in record["contestants"]:
        table.add_column(name, justify="right")
    for key, label in labels_of(record).items():
        table.add_row(" ".join(dict.fromkeys(label)), *(_share(one.get(key)) for one in figures))
    table.add_row("rows/s 速度", *map(_speed, figures))
    return table


def _one_line_each(record: dict[str, Any]) -> Table:
    table = Table(title=counted(record["rows"], "row"), box=SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("", overflow="fold")
    labels = {key: label for key, label in labels_of(record).items() if key in SHORT_LIST}
    for label in labels.values():
        table.add_column(_heading(label), justify="right", no_wrap=True)
    table.add_column("rows/s", justify="right")
    for name, figures in record["contestants"].items():
        table.add_row(name, *(_share(figures.get(key)) for key in labels), _speed(figures))
    return table


def _notes(record: dict[str, Any]) -> Iterator[str]:
    """Yield what the last contestant changed, who was asked fewer rows, and who could not be asked."""
    names = list(record["contestants"])
    if len(names) > 1:
        label = LABELS[record["measure"]][0]
        changed = f"{len(record['fixed'])} fixed, {len(record['broken'])} broken"
        yield f"{names[-1]} against {names[0]} ({label}): {changed}"
    for name, figures in record["contestants"].items():
        if figures["rows"] < record["rows"]:
            yield f"{name}: asked {figures['rows']} of the rows"
    for name, why in record.get("absent", {}).items():
        yield f"{name}: not run ({why})"


def slice_tables(record: dict[str, Any], width: int) -> list[Table]:
    """Return share right (wrong) of each slice and their mean, in as many tables as show all in ``width`` columns."""
    shares = {name: figures.get("by_slice", {}) for name, figures in record["contestants"].items()}
    if not next(iter(shares.values())):
        return []
    shares = {name: slices | {MEAN[0]: mean_of(slices)} for name, slices in shares.items()}
    lines = list(next(iter(shares.values())))
    cells = {name: [_right_and_wrong(slices[line]) for line in lines] for name, slices in shares.items()}
    first = max(map(cell_len, lines)) + BORDER + 1
    parts: list[list[str]] = []  # names of the contestants in each table
    left = 0
    for name in cells:
        taken = max(cell_len(name), *map(cell_len, cells[name])) + BORDER
        if not parts or taken > left:
            parts, left = [*parts, []], width - first
        parts[-1].append(name)
        left -= taken
    tables = [Table(title="right (wrong) % by slice") for _ in parts]
    for table, part in zip(tables, parts, strict=True):
        table.add_column("", no_wrap=True)
        for name in part:
            table.add_column(name, justify="right", overflow="fold")
        for row in zip(lines, *(cells[name] for name in part), strict=True):
            table.add_row(*row)
    return tables


def trust_table(record: dict[str, Any]) -> Table | None:
    """Return how true confidences are by group, a column each for contestants that give them; ``None`` if none does."""
    found = {name: figures["trust"] for name, figures in record["contestants"].items() if figures.get("trust")}
    if not found:
        return None
    table = Table(title=f"calibration error % (wrong % of answers at {SURE:g} and above)")
    table.add_column("", no_wrap=True)
    for name in found:
        table.add_column(name, justify="right")
    for group in dict.fromkeys(group for groups in found.values() for group in groups):
        table.add_row(group, *(_trust(groups.get(group, {})) for groups in found.values()))
    return table


def _trust(figures: dict[str, Any]) -> str:
    error, wrong = figures.get("error"), figures.get("sure_wrong")
    sure = "" if wrong is None else f" ({100 * wrong:.1f})"
    return "–" + sure if error is None else f"{100 * error:.1f}{sure}"


def _right_and_wrong(figures: dict[str, Any]) -> str:
    wrong = f" ({100 * figures['wrong']:.1f})" if "wrong" in figures else ""
    return f"{100 * figures['right']:.1f}{wrong}"


def _heading(label: tuple[str, str]) -> str:
    english, chinese = label
    return "\n".join(dict.fromkeys((*english.replace("+", "+ ").split(), chinese)))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _speed(figures: dict[str, Any]) -> str:
    speed = figures["rows_per_second"]
    return f"{speed:.1f}" if speed else "–"  # nothing was run for a file of answers
