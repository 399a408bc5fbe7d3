"""Cells that a spreadsheet would run as formulas (CSV injection, OWASP)."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

# A number computes nothing, and a dash stands for an empty cell: -12.5, +8613812345678, 1e-3, 5%, --.
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?%?|-{1,3}")
SIGNS = "=+-@"
BREAKS = ("\t", "\r", "\n")
UNSEEN = "\ufeff\u200b\u200c\u200d\u2060\x00"  # characters of no width, which some programs drop


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: a quote is put before one.

    A formula is found also behind white space and with a full-width sign (＝＋－＠). Numbers stay as they are.
    """
    # Cheap checks first: most cells are empty, or begin with a letter or a digit.
    if not value or not isinstance(value, str) or value[0].isalnum() or PLAIN.fullmatch(value):
        return value
    text = unicodedata.normalize("NFKC", value[:100]).strip(UNSEEN + " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
    if len(value) <= 100 and PLAIN.fullmatch(text):
        return value
    return f"'{value}" if text[:1] in (*SIGNS,) or value[0] in BREAKS else value
