"""HTML that the page shows. Whatever comes from files or models is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup
from markupsafe import escape as text

__all__ = ["Markup", "bullets", "figures", "joined", "link", "paragraph", "table", "text"]


def paragraph(value: object, kind: str = "") -> Markup:
    """Return a paragraph; ``kind`` is ``good``, ``bad`` or ``dim``."""
    return Markup(f'<p class="{kind}">{text(value)}</p>')


def table(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Markup:
    """Return a table that is scrolled sideways where it is wider than the page."""
    heads = "".join(f"<th>{text(cell)}</th>" for cell in head)
    lines = "".join(f"<tr>{_cells(head, row)}</tr>" for row in rows)
    return Markup(f'<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>')


def _cells(head: Sequence[object], row: Sequence[object]) -> str:
    """Return a row's cells; each says its column, for pages too narrow to show columns."""
    return "".join(f'<td data-head="{text(name)}">{text(cell)}</td>' for name, cell in zip(head, row, strict=True))


def bullets(lines: Iterable[object]) -> Markup:
    """Return a list."""
    return Markup("<ul>" + "".join(f"<li>{text(line)}</li>" for line in lines) + "</ul>")


def link(address: str, label: object, new_name: str = "") -> Markup:
    """Return a link to a file of the studio, which is saved under its own name."""
    save = f' download="{text(new_name)}"' if new_name else ' target="_blank"'
    return Markup(f'<a href="{text(address)}"{save}>{text(label)}</a>')


def joined(parts: Iterable[object], between: str = "") -> Markup:
    """Return parts one after the other."""
    return Markup(between.join(text(part) for part in parts))


def figures(pairs: Iterable[tuple[object, object]]) -> Markup:
    """Return a row of numbers, each with what it is."""
    cells = "".join(f"<div><b>{text(value)}</b><span>{text(name)}</span></div>" for name, value in pairs)
    return Markup(f'<div class="figures">{cells}</div>')
