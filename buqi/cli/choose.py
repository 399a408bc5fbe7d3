"""A loaded model as a judge of what names and memory leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buqi.address.judge import Judge
    from buqi.export.opened import Chosen


def judge_of(chosen: Chosen) -> Judge:
    """Return a loaded model as the judge of what names and memory leave open."""
    from buqi.address.choose import load_chooser
    from buqi.address.judge import Judge
    from buqi.engine import BASE
    from buqi.export.opened import TUNED

    engine = chosen.engine
    name = TUNED if engine.adapters else BASE
    return Judge(engine, engine.tokenizer, load_chooser().judge, name, chosen.task)
