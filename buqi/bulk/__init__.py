"""Completing many addresses: files, databases, frames, clusters."""

from buqi.answering import AnswerOptions
from buqi.bulk.fields import ADDED
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.job import Job, Summary, run_job

__all__ = ["ADDED", "AnswerOptions", "ColumnFiller", "Job", "Summary", "run_job"]
