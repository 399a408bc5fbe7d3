"""A sheet's XML is written with added cells while all else stays byte by byte."""

from __future__ import annotations

import io

import pytest

from buqi.bulk.sheet_writer import Look, RowWriter
from tests.bulk.test_sheet_rows import SHEET


def written(rows: list, first: int = 3, width: int = 1, filled: tuple[int, ...] = (), sheet: str = SHEET,
            look: Look = Look()) -> str:  # fmt: skip  # noqa: B008
    target = io.BytesIO()
    RowWriter(first, width, iter(rows), filled, look).copy(io.BytesIO(sheet.encode()), target)
    return target.getvalue().decode()


@pytest.mark.parametrize(("letters", "ref"), [("A1:C3", "A1:"), ("A1:C3", "x:y"), ("B2", "1:2")])
def test_what_only_helps_programs_may_be_wrong(letters, ref):
    sheet = SHEET.replace("A1:B3" if "C" in letters else "A1:B2", ref)
    assert written([(1, ["full"])], sheet=sheet).count("full") == 1


def test_added_cells_stand_behind_and_the_rest_stays():
    found = written([(1, ["full"]), (2, ["a<b"]), (3, ["new row"]), (4, [5])])
    put = '<c r="C1" s="4" t="inlineStr"><is><t xml:space="preserve">full</t></is></c></row>'
    assert put in found and 'spans="1:2"' not in found and '<dimension ref="A1:C3"/>' in found
    assert '<row r="2"><c r="C2" t="inlineStr"><is><t xml:space="preserve">a&lt;b</t></is></c></row>' in found
    assert '<row r="3"><c r="C3"' in found and found.index('r="3"') < found.index('<row r="4">')
    assert '<c r="C4"><v>5</v></c><c r="D4"><v>9</v></c></row>' in found
    assert found.startswith("<worksheet><dimension") and found.endswith(SHEET[SHEET.index("<mergeCells>") :])
    assert written([]) == SHEET.replace("A1:B3", "A1:C3")


def test_a_filled_cell_keeps_its_style_and_others_their_bytes():
    found = written([(1, ["own", "full"])], filled=(1,))
    assert '<c r="A1" s="4" t="inlineStr"><is><t xml:space="preserve">own</t></is></c><c r="C1"' in found
    assert written([(1, [None, "full"])], filled=(1,)).count("<v>7</v>") == 1


def test_a_prefix_is_kept():
    sheet = '<x:worksheet xmlns:x="u"><x:sheetData><x:row r="1"/></x:sheetData></x:worksheet>'
    assert '<x:row r="1"><x:c r="C1"><x:v>3</x:v></x:c></x:row>' in written([(1, [3])], sheet=sheet)


def test_a_formula_stays_though_its_value_is_empty():
    row = '<row r="1"><c r="A1" t="str"><f>B1&amp;""</f><v></v></c><c r="B1" s="1"/></row>'
    sheet = f"<worksheet><sheetData>{row}</sheetData></worksheet>"
    found = written([(1, ["own", "other", "full"])], filled=(1, 2), sheet=sheet)
    assert '<c r="A1" t="str"><f>B1&amp;""</f><v></v></c><c r="B1" s="1" t="inlineStr">' in found
    assert "own" not in found and "other" in found and "full" in found


LOOK = Look([12], lambda style: f"{style}0")
ROWS = (
    '<row r="1"><c r="A1" s="4"/></row><row r="2"><c r="A2" s="5"/><c r="B2" s="6"/></row>'
    '<row r="3"><c r="A3" s="5"/></row>'
)


def test_added_cells_look_as_the_cell_to_their_left():
    sheet = f"<worksheet><sheetData>{ROWS}</sheetData></worksheet>"
    found = written([(n, ["x"]) for n in (1, 2, 3)], sheet=sheet, look=LOOK)
    assert '<c r="C1" s="4" ' in found, "a name looks as the last name before it"
    assert '<c r="C2" s="60"/>' in written([(1, ["x"]), (2, [None])], sheet=sheet, look=LOOK), "a frame has no holes"
    assert '<c r="C2" s="60" ' in found and '<c r="C3" t=' in found, "B3 has no style"


@pytest.mark.parametrize(("before", "after"), [
    ("", '<cols><col min="3" max="3" width="12" customWidth="1"/></cols>'),
    ('<cols><col min="1" max="1" width="7"/></cols>',
     '<cols><col min="1" max="1" width="7"/><col min="3" max="3" width="12" customWidth="1"/></cols>'),
    ('<cols><col min="3" max="3" hidden="1"/></cols>', '<cols><col min="3" max="3" hidden="1"/></cols>'),
    ('<cols><col min="x" max="1"/></cols>', '<cols><col min="x" max="1"/></cols>'),
])  # fmt: skip
def test_added_columns_get_a_width(before, after):
    sheet = f"<worksheet>{before}<sheetData>{ROWS}</sheetData></worksheet>"
    assert f"<worksheet>{after}<sheetData>" in written([(1, ["x"])], sheet=sheet, look=LOOK)


def test_a_list_of_columns_longer_than_a_block_of_the_file_is_written_once():
    columns = "".join(f'<col min="{n}" max="{n}" width="7"/>' for n in range(4, 4000))
    sheet = f"<worksheet><cols>{columns}</cols><sheetData>{ROWS}</sheetData></worksheet>"
    found = written([(1, ["x"])], sheet=sheet, look=LOOK)
    assert f'<worksheet><cols><col min="3" max="3" width="12" customWidth="1"/>{columns}</cols><sheetData>' in found
