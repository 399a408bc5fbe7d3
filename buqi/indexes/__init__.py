"""Indexes: arrays and texts that are made once of lists, kept in the cache, and mapped into memory."""

from buqi.indexes.arrays import Arrays, CellLists, Lists, NumberLists, TextLists, TextRows, numbered, packed, unpacked
from buqi.indexes.store import UNREADABLE, drop, kept, kept_lists, mapped, shipped

__all__ = [
    "UNREADABLE",
    "Arrays",
    "CellLists",
    "Lists",
    "NumberLists",
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
