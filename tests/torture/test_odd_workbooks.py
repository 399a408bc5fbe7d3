"""Workbooks as no program should write them: each row keeps its cells and gets its own answer, or one sentence."""

from __future__ import annotations

import random
import re
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from buqi.bulk.sheet_rows import column_letters
from buqi.bulk.tables import open_table
from buqi.errors import UsageError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CELLS = [
    '<c{r} t="s"><v>1</v></c>', '<c{r} t="s"><v>-1</v></c>', '<c{r} t="s"><v>9</v></c>', '<c{r} t="s"><v>1.0</v></c>',
    '<c{r} t="inlineStr"><is><t>碑林区</t></is></c>', '<c{r} t="inlineStr"><is><t><![CDATA[碑<林>]]></t></is></c>',
    "<c{r}/>", "<c{r}><v>NaN</v></c>", '<c{r} s="1"><v>1e400</v></c>', '<c{r} s="1"><v>-5</v></c>',
    "<c{r}><f>A1</f></c>",
    '<c{r} t="e"><v>1</v></c>', '<c{r} t="d"><v>2024-01-01</v></c>', "<!-- <row> > --><c{r}><v>1</v></c>",
    "<?x a>b?><c{r}><v>2.50</v></c>",
]  # fmt: skip
REFS = ["{letters}{row}"] * 8 + ["", "{row}", "${letters}${row}", "A0", "XFD{row}", "ZZZZ1", "a1"]
ROWS = ["{row}"] * 12 + ["", "0", "1", "3", "1048576", "9" * 20, "x", "-1"]
FORMS = [("utf-8", ""), ("utf-8", "x:"), ("utf-8-sig", ""), ("utf-16", "")] + [("utf-8", "")] * 6


def made(path: Path, chosen: random.Random) -> None:
    """Write a workbook of one sheet with up to eight rows; a few of its cells, places and rows are odd."""
    odd, form = chosen.choice([0.0, 0.05, 0.3]), chosen.choice(FORMS)

    def picked(common: str, others: list[str]) -> str:
        return chosen.choice(others) if chosen.random() < odd else common

    rows = ['<row r="1"><c r="A1" t="inlineStr"><is><t>地址</t></is></c></row>']
    for row in range(2, chosen.randint(2, 9)):
        cells = []
        for column in range(1, chosen.randint(2, 5)):
            place = picked("{letters}{row}", REFS).format(letters=column_letters(column), row=row)
            cells.append(picked(CELLS[4], CELLS).format(r=f' r="{place}"' if place else ""))
        place = picked("{row}", ROWS).format(row=row)
        begin = f'<row r="{place}"' if place else "<row"
        rows.append(f"{begin}>{''.join(cells)}</row>" if cells else f"{begin}/>")
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    if form[1]:
        sheet = re.sub(r"<(/?)(?=[a-z])", rf"<\1{form[1]}", sheet).replace("xmlns=", "xmlns:x=")
    with zipfile.ZipFile(path, "w") as book:
        for name, kind, target in (
            ("_rels/.rels", "officeDocument", "xl/workbook.xml"),
            ("xl/_rels/workbook.xml.rels", "worksheet", "sheet.xml"),
        ):
            more = f'<Relationship Id="b" Type="{KINDS}/sharedStrings" Target="texts.xml"/>' * name.startswith("xl")
            one = f'<Relationship Id="a" Type="{KINDS}/{kind}" Target="{target}"/>'
            book.writestr(name, f'<Relationships xmlns="{RELATIONS}">{one}{more}</Relationships>')
        sheets = '<sheets><sheet name="s" sheetId="1" r:id="a"/></sheets>'
        book.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{KINDS}">{sheets}</workbook>')
        book.writestr("xl/texts.xml", f'<sst xmlns="{MAIN}"><si><t>x</t></si><si><t>雁塔区</t></si></sst>')
        book.writestr("xl/sheet.xml", sheet.encode(form[0]))


def cells_of(path: Path) -> dict[str, list[bytes]]:
    """Return the XML of the cells that hold something, by their row's number."""
    with zipfile.ZipFile(path) as book:
        root, found, at = ElementTree.fromstring(book.read("xl/sheet.xml")), {}, 0
    for row in root.iter(f"{{{MAIN}}}row"):
        at = int(row.get("r") or at + 1)
        if cells := [ElementTree.tostring(cell) for cell in row.iter(f"{{{MAIN}}}c") if len(cell)]:
            assert str(at) not in found, "a row stands there twice"
            found[str(at)] = cells
    return found


@pytest.mark.parametrize("tries", [150, pytest.param(3000, marks=pytest.mark.long)])
def test_each_row_keeps_its_cells_and_gets_its_own_answer(tmp_path, tries):
    ended = Counter[str]()
    for number in range(tries):
        source, target, part = tmp_path / "in.xlsx", tmp_path / "out.xlsx", tmp_path / "part"
        made(source, random.Random(number))
        try:
            table = open_table(source, added=("full",))
            pieces = list(table.pieces(100, ["地址"]))
            for piece in pieces:
                table.write(part, piece, [[f"of {row}"] for row in piece.numbers], safe=False)
            table.join([part] if pieces else [], target, safe=False)
        except UsageError as error:
            said = str(error)
        else:
            said = ""
            before, after = cells_of(source), cells_of(target)
            assert all(cell in after[row] for row, cells in before.items() for cell in cells), number
            for row in (row for piece in pieces for row in piece.numbers):
                assert f">of {row}<".encode() in b"".join(after[str(row)]), (number, row)
        assert not said or (str(source) in said and "\n" not in said and len(said) < 400), number
        ended["refused" if said else "carried"] += 1
    print(f"{tries} workbooks: {dict(ended)}")
    assert min(ended.values()) > tries / 10
