"""Completing many addresses: files, databases, frames, clusters."""

from buqi.bulk.answerer import Settings
from buqi.bulk.fields import ADDED, fields_of
from buqi.bulk.job import Job, Summary, run_job

__all__ = ["ADDED", "Job", "Settings", "Summary", "fields_of", "run_job"]
