"""The loss of a pack for a Qwen2 with plain LoRA, computed with few tensors kept. PEFT's model owns the parameters.

The loss is the same as that of PEFT's model; `buqi.tune.exactness` compares them before a run's first step. Models and
methods that cannot be computed exactly here go through PEFT; `why_not` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch.utils.checkpoint import checkpoint

from buqi.base.attention import Blocks, takes_blocks
from buqi.engine.packs import Pack
from buqi.tune.layers import Factors, Layer, Placed, add_attention, add_mlp
from buqi.tune.loss import vocabulary_loss
from buqi.tune.rows_attention import RowLayout, causal_mask

Tensor = torch.Tensor
GROUPS = {  # the products of a layer: where their linear layers are, and which
    "qkv": ("self_attn", ("q_proj", "k_proj", "v_proj")),
    "out": ("self_attn", ("o_proj",)),
    "gate_up": ("mlp", ("gate_proj", "up_proj")),
    "down": ("mlp", ("down_proj",)),
}


def why_not(model: Any) -> str | None:
    """Return why the loss of ``model`` is computed through PEFT, or nothing if it can be computed here."""
    from peft.tuners.lora.layer import Linear, LoraLayer

    if not hasattr(model, "peft_config"):
        return "every weight is trained"
    if not takes_blocks(model) or model.config.hidden_act != "silu":
        return f"its architecture is {model.config.model_type}"
    ours = set()
    for name, module in model.named_modules():
        if not isinstance(module, LoraLayer):
            continue
        if type(module) is not Linear or type(module.get_base_layer()) is not torch.nn.Linear:
            return f"{name} is a {type(module.get_base_layer()).__name__}"
        if any(module.lora_variant.values()):
            return "DoRA is another product"
        if any(not isinstance(dropout, torch.nn.Identity) for dropout in module.lora_dropout.values()):
            return "lora_dropout is not 0"
        if module.merged or module.active_adapters != ["default"] or any(module.lora_bias.values()):
            return f"{name} has not one plain adapter"
        ours |= {id(p) for p in module.parameters()}
    if any(hasattr(p, "device_mesh") for p in model.parameters()):
        return "its weights are divided among processes"
    if any(p.requires_grad and id(p) not in ours for p in model.parameters()):
        return "more than the adapter is trained"
    return None


@dataclass(frozen=True)
class _JointFactors:
    """LoRA's factors on the parts of one product, in order.

    Attributes:
        parts: (A, B, scale) of each part; ``None`` for a part without LoRA.
        sizes: outputs of each part.
    """

    parts: tuple[tuple[Tensor, Tensor, float] | None, ...]
    sizes: tuple[int, ...]

    def joined(self, dtype: torch.dtype) -> Factors:
        """Return A (R, in), one part's below the other's, and B (out, R), block-diagonal and scaled."""
        there = [part for part in self.parts if part is not None]
        if not there:
            return None, None
        a = torch.cat([part[0] for part in there]) if len(there) > 1 else there[0][0]
        scaled = [
            a.new_zeros(size, 0) if part is None else part[1] * part[2]
            for part, size in zip(self.parts, self.sizes, strict=True)
        ]
        return a.to(dtype), _diagonal(scaled).to(dtype)


def _diagonal(parts: list[Tensor]) -> Tensor:
    """Return the block-diagonal matrix of ``parts``."""
    found: Tensor = torch.block_diag(*parts) if len(parts) > 1 else parts[0]  # type: ignore[no-untyped-call]
    return found


class _Product(NamedTuple):
    """Some linear layers with the same input as one: weights, the bias in 32 bits, LoRA's factors."""

    weight: Tensor
    bias: Tensor | None
    factors: _JointFactors


class FusedModel:
    """Computes the losses of packs for a model for which `why_not` returns nothing.

    The weights of one product are joined in one tensor. The model's own weights become views of it.

    Args:
        dtype: of products.
        recompute: whether each layer's forward pass is computed again for its gradient.
    """

    def __init__(self, model: Any, dtype: torch.dtype, recompute: bool = False) -> None:
        whole = getattr(model, "module", model).get_base_model()
        self.model, self.dtype, self.recompute = whole.model, dtype, recompute
        self.layers, self.factors = [], []
        for block in whole.model.layers:
            products = {name: _joined(getattr(block, of), parts, dtype) for name, (of, parts) in GROUPS.items()}
            self.layers.append(_layer(block, products, whole.config))
            self.factors.append({name: product.factors for name, product in products.items()})
        self.norm = whole.model.norm.weight.detach().float()
        self.vocabulary = whole.get_output_embeddings().weight.detach().to(dtype)

    def loss(self, pack: Pack) -> tuple[Tensor, Tensor]:
        """Return the summed cross-entropy over a pack's targets, in nats, and how many of them are ranked first."""
        device = self.norm.device
        parts = (pack.input_ids, pack.position_ids, pack.keep, pack.targets)
        ids, positions, keep, targets = (_moved(tensor, device) for tensor in parts)
        x = self.model.embed_tokens(ids)[0].to(self.dtype)
        cos, sin = (t[0, :, None] for t in self.model.rotary_emb(self.norm[None], positions))
        placed = Placed(_layout(pack, device), cos, sin)
        for layer, factors in zip(self.layers, self.factors, strict=True):
            if self.recompute and torch.is_grad_enabled():
                x = checkpoint(self._through, x, layer, factors, placed, use_reentrant=False, preserve_rng_state=False)
            else:
                x = self._through(x, layer, factors, placed)
        last = x.index_select(0, keep)
        return vocabulary_loss(last, self.norm, self.layers[-1].eps, self.vocabulary, targets)

    def _through(self, x: Tensor, layer: Layer, factors: dict[str, _JointFactors], placed: Placed) -> Tensor:
        """Return the output of one layer."""
        qkv, out, gate_up, down = (factors[name].joined(self.dtype) for name in GROUPS)
        return add_mlp(add_attention(x, qkv, out, layer, placed), gate_up, down, layer)


def _moved(tensor: Tensor, device: torch.device) -> Tensor:
    """Return ``tensor`` on ``device``, without waiting for it where that is a GPU."""
    return tensor if device.type == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


def _layout(pack: Pack, device: torch.device) -> RowLayout:
    """Return where a pack's rows lie; it is worked out on the CPU, since a GPU would have to be waited for."""
    blocks = Blocks.of(pack.prefix, list(pack.lengths), torch.device("cpu"))
    index = _moved((blocks.index - pack.prefix).flatten(), device)
    most = blocks.index.shape[1]
    order = _moved(blocks.order, device)
    return RowLayout(pack.prefix, index, order, most, causal_mask(most, device), causal_mask(pack.prefix, device))


def _joined(block: Any, parts: tuple[str, ...], dtype: torch.dtype) -> _Product:
    """Return the linear layers ``parts`` of an attention or MLP as one product."""
    modules = [getattr(block, part) for part in parts]
    plain = [getattr(module, "base_layer", module) for module in modules]
    weight = torch.cat([layer.weight.detach() for layer in plain]).to(dtype)
    if plain[0].weight.dtype == dtype:  # one copy is enough
        for layer, view in zip(plain, torch.split(weight, [layer.out_features for layer in plain]), strict=True):
            layer.weight.data = view
    biases = [layer.bias for layer in plain]
    bias = None if biases[0] is None else torch.cat([b.detach().float() for b in biases])
    factors = tuple(
        (m.lora_A["default"].weight, m.lora_B["default"].weight, m.scaling["default"]) if hasattr(m, "lora_A") else None
        for m in modules
    )
    return _Product(weight, bias, _JointFactors(factors, tuple(layer.out_features for layer in plain)))


def _layer(block: Any, products: dict[str, _Product], config: Any) -> Layer:
    return Layer(
        norm=block.input_layernorm.weight.detach().float(),
        qkv=products["qkv"].weight,
        bias=products["qkv"].bias,
        out=products["out"].weight,
        norm_2=block.post_attention_layernorm.weight.detach().float(),
        gate_up=products["gate_up"].weight,
        down=products["down"].weight,
        heads=config.num_attention_heads,
        groups=config.num_key_value_heads,
        eps=config.rms_norm_eps,
    )
