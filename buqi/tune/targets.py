"""Checks that the modules in a configuration are linear layers of the base, before anything is loaded."""

from __future__ import annotations

import re

from buqi.config import Config
from buqi.errors import UsageError
from buqi.shapes import Shapes


def check_targets(config: Config, weights: Shapes) -> None:
    """Check that an adapter can be on every module that ``config`` names, by PEFT's rules.

    Only the linear layers inside the model's layers count: a changed output matrix (lm_head) is in no other program.

    Raises:
        UsageError: a name that is no such layer, or a pattern that matches none of them, or others too.
    """
    names = [name.removesuffix(".weight") for name, shape in weights.items() if len(shape) == 2]
    linear = [name for name in names if ".layers." in name]
    kinds = sorted({name.rsplit(".", 1)[-1] for name in linear})
    wanted = config.target_modules
    if isinstance(wanted, str):
        found = [name for name in (*names, "lm_head") if _matches(wanted, name)]
        wrong = [] if found and set(found) <= set(linear) else [wanted]
    else:
        found = [name for name in linear if any(_ends(name, target) for target in wanted)]
        wrong = [target for target in wanted if not any(_ends(name, target) for name in linear)]
    if wrong:
        raise UsageError(f"target_modules {', '.join(wrong)}: this base has {', '.join(kinds)}")
    for key in ("rank_pattern", "alpha_pattern"):
        if unused := [p for p in getattr(config, key) if not any(_matches(rf"(.*\.)?({p})", n) for n in found)]:
            raise UsageError(f"{key} {', '.join(unused)}: matches none of target_modules, so it would change nothing")
    if unused := [name for name in config.train_only if not any(name in module.split(".") for module in found)]:
        raise UsageError(f"train_only {', '.join(unused)}: is none of target_modules")


def wider_than_layers(config: Config, weights: Shapes) -> list[str]:
    """Return a warning where the rank is larger than the smaller side of a layer. Such a rank learns no more."""
    sides = {name.removesuffix(".weight"): min(shape) for name, shape in weights.items() if len(shape) == 2}
    wanted = config.target_modules
    for name, side in sides.items():
        on = _matches(wanted, name) if isinstance(wanted, str) else any(_ends(name, target) for target in wanted)
        if on and config.lora_rank > side and not config.rank_pattern:
            return [f"lora_rank {config.lora_rank}: {name} has {side} at its smaller side, a rank above learns no more"]
    return []


def _ends(name: str, target: str) -> bool:
    return name == target or name.endswith(f".{target}")


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.fullmatch(pattern, name) is not None
    except re.error as error:
        raise UsageError(f"target_modules {pattern!r}: no regular expression ({error})") from error
