"""The tables of counted shares in ``data/``."""

from __future__ import annotations

from importlib import resources


def table_rows(file: str) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns of a table in ``data/``, and the cells of its lines.

    Args:
        file: its name, as ``doors.tsv``.
    """
    text = resources.files("buqi.address").joinpath("data", file).read_text(encoding="utf-8")
    head, *rows = (line.split("\t") for line in text.splitlines())
    return head, rows
