"""Indexes: arrays and texts made once of lists that do not change, kept in the cache and mapped into memory."""

from buqi.indexes.arrays import Arrays, TextLists, TextRows, numbered, packed, packed_lists, text_lists, unpacked
from buqi.indexes.kept import kept, shipped

__all__ = [
    "Arrays",
    "TextLists",
    "TextRows",
    "kept",
    "numbered",
    "packed",
    "packed_lists",
    "shipped",
    "text_lists",
    "unpacked",
]
