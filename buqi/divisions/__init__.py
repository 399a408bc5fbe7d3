"""The table of China's administrative divisions."""

from buqi.divisions.table import LEVELS, Division, DivisionPath, Table, load_table

__all__ = ["LEVELS", "Division", "DivisionPath", "Table", "load_table"]
