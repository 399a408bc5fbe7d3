"""How the rows of a step are computed: in fused packs, through PEFT, or one by one where packs are not exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from torch.nn.parallel import DistributedDataParallel

from buqi.config import Config
from buqi.engine.packs import Pack, make_pack, packs
from buqi.task import Encoded
from buqi.tune.compiled import compiling
from buqi.tune.exactness import ALLOWED_DEVIATION, deviation
from buqi.tune.fused import FusedModel, why_not
from buqi.tune.loss import pack_loss, plain_loss
from buqi.tune.memory import needs_recompute, tokens_at_once
from buqi.tune.process import rank

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
SMALLEST = 256  # tokens; packs are not made smaller
Way = Literal["fused", "peft", "one by one"]


class StepLoss:
    """Decides by the first rows how losses are computed, and computes them.

    Attributes:
        way: how losses are computed; ``None`` before the first rows.
        why: why they are not computed the fused way; ``None`` if they are.
        deviation: difference between packs and single rows, in nats per trained token.
        budget: most tokens of a pack.
    """

    def __init__(self, config: Config, say: Callable[[str], None]) -> None:
        self.config, self.say = config, say
        compiling.wanted = config.torch_compile
        self.dtype = DTYPES[config.precision]
        self.way: Way | None = None
        self.why: str | None = None
        self.deviation = 0.0
        self.budget = 0
        self.fused: FusedModel | None = None

    def decide(self, model: Any, rows: Sequence[Encoded]) -> None:
        """Decide how losses are computed, if that is not known yet, and say so where packs are not exact."""
        if self.way is not None:
            return
        whole = getattr(model, "module", model)  # with several processes the model is wrapped
        divided = whole is not model and not isinstance(model, DistributedDataParallel)
        self.why = "its weights are divided among processes" if divided else why_not(whole)
        if self.why is None:
            self.deviation = deviation(whole, rows, lambda pack: FusedModel(whole, torch.float32).loss(pack))
            if self.deviation <= ALLOWED_DEVIATION:
                again = needs_recompute(self.config, shape := whole.config.to_dict(), rows)
                self.fused, self.way = FusedModel(whole, self.dtype, again), "fused"
                self.budget = tokens_at_once(self.config, shape, True)
                return
            self.why = f"it changes the loss by {self.deviation:.2g} nats a token"
        self.deviation = deviation(model, rows)
        self.way = "peft" if self.deviation <= ALLOWED_DEVIATION else "one by one"
        self.budget = tokens_at_once(self.config, whole.config.to_dict(), False)
        if self.way == "one by one" and rank() == 0:
            self.say(
                f"packs are not exact with this model: they change the loss by {self.deviation:.2g} nats a token "
                f"(allowed {ALLOWED_DEVIATION:g}); rows are computed one by one, which takes longer"
            )

    @property
    def packing(self) -> bool:
        """Whether rows are packed."""
        return self.way != "one by one"

    def groups(self, rows: Sequence[Encoded]) -> list[tuple[list[Encoded], Pack]]:
        """Return ``rows`` as they are computed together, with their packs."""
        groups = packs(rows, self.budget) if self.packing else [[i] for i in range(len(rows))]
        made = [[rows[i] for i in group] for group in groups]
        return [(group, make_pack(group)) for group in made]

    def loss(self, model: Any, rows: Sequence[Encoded], pack: Pack) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the summed loss of a group, in nats, and how many of its trained tokens the model ranks first."""
        if self.fused is not None:
            return self.fused.loss(pack)
        if self.packing:
            return pack_loss(model, pack, self.dtype)
        return plain_loss(model, rows, self.dtype)

    def shrink(self, rows: Sequence[Encoded]) -> bool:
        """Halve the size of packs. Return false if that cannot help: they are small already, or hold one row each."""
        if self.budget <= SMALLEST or len(self.groups(rows)) == len(rows):
            return False
        self.budget //= 2
        return True
