"""Indexes: arrays and texts made once of lists that do not change, kept in the cache and mapped into memory."""

from buqi.indexes.arrays import Arrays, Lists, TextLists, TextRows, numbered, packed, unpacked
from buqi.indexes.kept import UNREADABLE, drop, kept, kept_lists, mapped, shipped

__all__ = [
    "UNREADABLE",
    "Arrays",
    "Lists",
    "TextLists",
    "TextRows",
    "drop",
    "kept",
    "kept_lists",
    "mapped",
    "numbered",
    "packed",
    "shipped",
    "unpacked",
]
