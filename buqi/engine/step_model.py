"""A transformers model that computes tokens of many sequences at once and tells the likeliest next ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch

from buqi.base.attention import NAME
from buqi.engine.kv_cache import StepRows
from buqi.engine.linear import lay_out
from buqi.errors import BuqiError

PIECES = 128  # of the vocabulary: the largest number is looked for in pieces, which torch does several times as fast


class StepModel:
    """A model, PEFT's or plain, whose attention is buqi's.

    Args:
        model: on its device, as `buqi.base.load_model` returns it.
        own: whether nobody else trains it, so that its layers may be laid out for writing.

    Raises:
        BuqiError: its attention cannot be replaced.
    """

    def __init__(self, model: Any, own: bool) -> None:
        self.model, self.own = model, own
        config = model.config.get_text_config()
        if config._attn_implementation != NAME or not getattr(model, "_supports_attention_backend", True):
            raise BuqiError(f"models of the kind {config.model_type} cannot be asked: their attention is their own")
        self.layers: int = config.num_hidden_layers
        self.active: str | None = None
        # transformers hands a mask of four dimensions through; `StepRows` knows what attends what
        self.mask = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=model.device)
        if own:
            lay_out(model)

    @property
    def device(self) -> Any:
        """Where it computes."""
        return self.model.device

    def replace(self, model: Any) -> None:
        """Go on with a model that has other adapters."""
        self.model, self.active = model, None

    def try_out(self, adapter: str) -> None:
        """Compute something with an adapter; whatever PEFT raises if it cannot."""
        self.activate(adapter)
        with torch.inference_mode():
            self.model(torch.tensor([[0, 1]], device=self.device), use_cache=False)

    def activate(self, adapter: str) -> None:
        """Let all rows be computed with an adapter that PEFT knows."""
        if self.active != adapter:
            self.model.set_adapter(adapter)
            self.active = adapter

    def logits(
        self,
        ids: Sequence[int],
        positions: Sequence[int],
        rows: StepRows,
        keep: Sequence[int],
        adapters: list[str | None],
    ) -> torch.Tensor:
        """Return (len(keep), vocabulary) logits behind some of the T tokens.

        Args:
            ids: (T,) tokens.
            positions: (T,) of each in its sequence.
            rows: how they attend.
            keep: numbers of the tokens whose logits are wanted.
            adapters: (T,) PEFT's name of what computes each; ``None`` for the base's weights.
        """
        device, wanted = self.device, torch.tensor(keep, device=self.device)
        more: dict[str, Any] = {}
        alone: Any = nullcontext()
        if self.own and hasattr(self.model, "peft_config"):
            if len(set(adapters)) == 1 and adapters[0] is not None:
                self.activate(adapters[0])
            elif len(set(adapters)) == 1 and any(c.modules_to_save for c in self.model.peft_config.values()):
                alone = self.model.disable_adapter()  # PEFT knows no __base__ beside modules trained whole
            else:
                more["adapter_names"] = ["__base__" if name is None else name for name in adapters]  # PEFT's word
        head = self.model.get_output_embeddings()
        hook = head.register_forward_pre_hook(lambda _, inputs: (inputs[0][wanted], *inputs[1:]))
        try:
            with alone:
                out = self.model(
                    input_ids=torch.tensor(ids, device=device)[:, None],
                    position_ids=torch.tensor(positions, device=device)[:, None],
                    attention_mask=self.mask,
                    use_cache=False,
                    step_rows=rows,
                    **more,
                )
        finally:
            hook.remove()
        logits: torch.Tensor = out.logits[:, 0]
        return logits


def likeliest(logits: torch.Tensor) -> list[int]:
    """Return the number of the largest logit of each row, the first of equal ones."""
    rows, size = logits.shape
    whole = size // PIECES * PIECES
    pieces = logits[:, :whole].view(rows, PIECES, -1)
    tops = pieces.amax(-1)
    piece = tops.argmax(-1)
    found = pieces[torch.arange(rows, device=logits.device), piece].argmax(-1) + piece * (whole // PIECES)
    if whole < size:
        rest = logits[:, whole:]
        found = torch.where(rest.amax(-1) > tops.amax(-1), rest.argmax(-1) + whole, found)
    numbers: list[int] = found.tolist()
    return numbers


def likeliest_of(logits: torch.Tensor, allowed: Sequence[int]) -> int:
    """Return the one of ``allowed``, in order, with the largest logit of a row."""
    return allowed[int(logits[torch.tensor(allowed, device=logits.device)].argmax())]


def log_probabilities(logits: torch.Tensor, among: Sequence[int]) -> dict[int, float]:
    """Return the log-probability (nats) of each token ``among`` all of the vocabulary."""
    wide = logits.float()
    picked = wide[torch.tensor(among, device=logits.device)] - wide.logsumexp(0)
    return dict(zip(among, picked.tolist(), strict=True))
