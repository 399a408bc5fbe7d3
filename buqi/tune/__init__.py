"""Training: an adapter from rows."""

from buqi.tune.plan import Plan, make_plan
from buqi.tune.run import Result, train

__all__ = ["Plan", "Result", "make_plan", "train"]
