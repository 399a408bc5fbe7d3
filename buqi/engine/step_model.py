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

PIECES = 128  # of the vocabulary: to find the largest logit in each and then among those is several times as fast


class StepModel:
    """A model, with adapters of PEFT or without, whose attention is `buqi.base.attention`.

    Args:
        model: on its device, as `buqi.base.load_model` returns it.
        own: whether the engine alone has it: then its layers may be changed (`lay_out`), and its adapters too.

    Raises:
        BuqiError: transformers cannot replace its attention.
    """

    def __init__(self, model: Any, own: bool) -> None:
        self.model, self.own = model, own
        config = model.config.get_text_config()
        if config._attn_implementation != NAME or not getattr(model, "_supports_attention_backend", True):
            raise BuqiError(f"models of the kind {config.model_type} cannot be asked: their attention is their own")
        self.layers: int = config.num_hidden_layers
        self.active: str | None = None
        # transformers passes a mask of four dimensions on as it is; `StepRows` says what attends what
        self.mask = torch.ones(1, 1, 1, 1, dtype=torch.bool, device=model.device)
        if own:
            lay_out(model)

    @property
    def device(self) -> Any:
        """Where it computes."""
        return self.model.device

    def replace(self, model: Any) -> None:
        """Use a model that has other adapters from now on."""
        self.model, self.active = model, None

    def try_out(self, adapter: str) -> None:
        """Compute two tokens with an adapter; raises what PEFT raises where it cannot."""
        self.activate(adapter)
        with torch.inference_mode():
            self.model(torch.tensor([[0, 1]], device=self.device), use_cache=False)

    def activate(self, adapter: str) -> None:
        """Compute all rows with an adapter, by its name in PEFT."""
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
            rows: what they attend.
            keep: indexes of the tokens whose logits are wanted.
            adapters: (T,) PEFT's name of the adapter that computes each; ``None`` for the base alone.
        """
        device, wanted = self.device, torch.tensor(keep, device=self.device)
        arguments, context = self._adapters_of_step(adapters)
        head = self.model.get_output_embeddings()
        # the head makes logits of the wanted tokens only: each has 151,936
        hook = head.register_forward_pre_hook(lambda _, inputs: (inputs[0][wanted], *inputs[1:]))
        try:
            with context:
                out = self.model(
                    input_ids=torch.tensor(ids, device=device)[:, None],
                    position_ids=torch.tensor(positions, device=device)[:, None],
                    attention_mask=self.mask,
                    use_cache=False,
                    step_rows=rows,
                    **arguments,
                )
        finally:
            hook.remove()
        logits: torch.Tensor = out.logits[:, 0]
        return logits

    def _adapters_of_step(self, adapters: list[str | None]) -> tuple[dict[str, Any], Any]:
        """Return the arguments and the context with which PEFT computes each token with its adapter."""
        if not self.own or not hasattr(self.model, "peft_config"):
            return {}, nullcontext()
        names = set(adapters)
        if len(names) == 1 and (only := adapters[0]) is not None:
            self.activate(only)
            return {}, nullcontext()
        if names == {None} and any(config.modules_to_save for config in self.model.peft_config.values()):
            return {}, self.model.disable_adapter()  # PEFT knows no __base__ beside modules trained whole
        return {"adapter_names": ["__base__" if name is None else name for name in adapters]}, nullcontext()


def likeliest(logits: torch.Tensor) -> list[int]:
    """Return the index of the largest logit of each row, the first of equal ones."""
    rows, size = logits.shape
    whole = size // PIECES * PIECES
    pieces = logits[:, :whole].view(rows, PIECES, -1)
    tops = pieces.amax(-1)
    piece = tops.argmax(-1)
    index = pieces[torch.arange(rows, device=logits.device), piece].argmax(-1) + piece * (whole // PIECES)
    if whole < size:
        rest = logits[:, whole:]
        index = torch.where(rest.amax(-1) > tops.amax(-1), rest.argmax(-1) + whole, index)
    indexes: list[int] = index.tolist()
    return indexes


def likeliest_of(logits: torch.Tensor, allowed: Sequence[int]) -> int:
    """Return the token of ``allowed`` (in order) with the largest logit; ``logits`` (vocabulary,) are of one row."""
    return allowed[int(logits[torch.tensor(allowed, device=logits.device)].argmax())]


def log_probabilities(logits: torch.Tensor, among: Sequence[int]) -> dict[int, float]:
    """Return the log-probability (nats, in the whole vocabulary) of each token of ``among``; of one row, as above."""
    wide = logits.float()
    picked = wide[torch.tensor(among, device=logits.device)] - wide.logsumexp(0)
    return dict(zip(among, picked.tolist(), strict=True))
