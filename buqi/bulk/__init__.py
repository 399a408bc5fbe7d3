"""Completing many addresses: files, databases, frames, clusters."""

from buqi.bulk.fields import ADDED
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.job import Job, Summary, run_job

__all__ = ["ADDED", "ColumnFiller", "Job", "Summary", "run_job"]
