"""A style beside another looks the same, and shows numbers as numbers."""

from __future__ import annotations

import pytest

from buqi.bulk.cell_styles import CellStyles

XML = (
    b'<styleSheet><cellStyleXfs count="1"><xf numFmtId="9"/></cellStyleXfs><cellXfs count="3">'
    b'<xf numFmtId="0" fontId="1"/><xf numFmtId="14" fillId="2" quotePrefix="1"><alignment wrapText="1"/></xf>'
    b'<xf fontId="3"/></cellXfs><dxfs/></styleSheet>'
)


def test_a_date_s_style_gets_a_copy_that_shows_numbers():
    styles = CellStyles(XML)
    assert styles.xml == XML and [styles.beside(style) for style in ("0", "2")] == ["0", "2"] and styles.xml == XML
    assert [styles.beside("1"), styles.beside("1")] == ["3", "3"]
    copy = b'<xf numFmtId="0" fillId="2"><alignment wrapText="1"/></xf></cellXfs>'
    assert copy in styles.xml and b'<cellXfs count="4">' in styles.xml
    assert styles.xml.replace(copy, b"</cellXfs>").replace(b'count="4"', b'count="3"') == XML


@pytest.mark.parametrize("style", ["3", "-1", "x", "99999999999"])
def test_a_style_that_is_not_there_stays(style):
    assert CellStyles(XML).beside(style) == style and CellStyles(b"<styleSheet/>").beside(style) == style
