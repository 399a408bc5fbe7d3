"""csv: one reading of dividers, quotes and rows for files to complete and files to import."""

from __future__ import annotations

from pathlib import Path

import pytest

from buqi.csv_rows import ONE_COLUMN, CsvForm, csv_rows, form_of
from buqi.errors import UsageError

PATH = Path("a.csv")


@pytest.mark.parametrize(
    ("text", "tabs", "form"),
    [
        ("a|b\n", False, CsvForm("|")),
        ("\n \t\n\na,b;c,d\n", False, CsvForm(",")),
        ('"a,1;2,3"|b\n', False, CsvForm("|")),
        ('"a\nb,c",d;e;f\n', False, CsvForm(";")),
        ('1"x,2"y\n;;\n', False, CsvForm(",")),
        ('"a,b\n' + "x;y;\n" * 2000, False, CsvForm(",")),
        ("sep=;\na,b;c,d\n", False, CsvForm(";", 1)),
        ("\nsep=\t\na,b\tc\n", False, CsvForm("\t", 2)),
        ("地址\n碑林区,1号\n", False, CsvForm(ONE_COLUMN)),
        ("a,b\tc\n", True, CsvForm("\t")),
        ("a,b\n", True, CsvForm(ONE_COLUMN)),
        ("", False, CsvForm(ONE_COLUMN)),
    ],
)
def test_the_header_says_what_divides_the_cells(text, tabs, form):
    assert form_of(PATH, text.splitlines(keepends=True), tabs) == form


@pytest.mark.parametrize("text", ['\n{"a": 1, "b": "\\""}\n', '[{"a": 1}, {"a": 2}]'])
def test_json_is_no_csv(text):
    with pytest.raises(UsageError, match="JSON stands in it; name it a.jsonl"):
        form_of(PATH, text.splitlines(keepends=True), False)


def test_rows_have_their_lines():
    lines = ["sep=;\n", "\n", 'a;"b\n', 'c"\n', '"d" e;f']
    form = form_of(PATH, lines, False)
    assert [*csv_rows(PATH, lines, form)] == [(1, []), (2, []), (3, ["a", "b\nc"]), (5, ["d e", "f"])]
    with pytest.raises(UsageError, match=r"a\.csv:5: cannot be read as csv \(';' expected .* must be closed"):
        list(csv_rows(PATH, lines, form, strict=True))


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("text", ['a\n"x\ny\n', 'a\n"x\ny"z\n', 'a\n"x'])
def test_a_quote_that_is_not_closed_has_its_line(text, strict):
    with pytest.raises(UsageError, match=r'a\.csv:2: a quote \("\) opens a cell and is not closed; close it'):
        list(csv_rows(PATH, text.splitlines(keepends=True), CsvForm(","), strict))


def test_quotes_are_text_where_no_cell_between_tabs_is_in_quotes():
    lines = ["a\tb\n", '"x\ty"z\n']
    plain = CsvForm("\t").without_quotes(lines)
    assert plain == CsvForm("\t", quotes=False) and [*csv_rows(PATH, lines, plain)][1] == (2, ['"x', 'y"z'])
    assert CsvForm("\t").without_quotes([*lines, '"x"\ty\n']) is CsvForm(",").without_quotes(lines) is None
