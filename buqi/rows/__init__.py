"""``src``/``tgt`` rows: read, checked, split, shown."""

from buqi.rows.check import Report, check_sets
from buqi.rows.read import FILE_NAMES, Row, find_sets, read_rows, task_of_rows, write_rows
from buqi.rows.row_file import RowFile, open_rows
from buqi.rows.split import split_rows

__all__ = [
    "FILE_NAMES",
    "Report",
    "Row",
    "RowFile",
    "check_sets",
    "find_sets",
    "open_rows",
    "read_rows",
    "split_rows",
    "task_of_rows",
    "write_rows",
]
