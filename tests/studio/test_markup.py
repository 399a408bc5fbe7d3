"""What comes from files and models is text."""

from __future__ import annotations

from buqi.studio.markup import Markup, bullets, figures, joined, link, paragraph, table

HOSTILE = '<img src=x onerror="alert(1)">'


def test_nothing_from_outside_becomes_markup():
    made = joined(
        [paragraph(HOSTILE, "bad"), table([HOSTILE], [[HOSTILE]]), bullets([HOSTILE]), figures([(HOSTILE, HOSTILE)]),
         link("/files/x?" + HOSTILE, HOSTILE, HOSTILE)]
    )  # fmt: skip
    assert "<img" not in made and "&lt;img" in made
    assert table(["a"], [[1]]).count('<td data-head="a">1</td>') == 1, "a narrow page says the column in each cell"
    assert joined(["<b>", Markup("<b>")]) == "&lt;b&gt;<b>"
