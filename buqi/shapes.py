"""Shapes of tensors, read from the headers of weights and compared with configurations before memory is allocated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError, explained
from buqi.foreign import AdapterFile, BaseFile

Shapes = dict[str, tuple[int, ...]]
EMBEDDING = "model.embed_tokens.weight"
MOST_TENSORS = 50_000  # in one file
STEM = "base_model.model."  # what PEFT writes before a layer's name
LENGTHS = "magnitude_vector"  # of DoRA
# The factors of a layer, as they are called behind ".lora_", and which other factor each needs.
COUNTERPARTS = {
    "A.weight": ("B.weight",),
    "B.weight": ("A.weight",),
    "embedding_A": ("embedding_B",),
    "embedding_B": ("embedding_A",),
    LENGTHS: ("A.weight",),
}
GIT_LFS = b"version https://git-lfs"


def check_readable(path: Path) -> None:
    """Raise `BuqiError` if a file may not be read, or Git LFS left it out: safetensors does not say so."""
    with explained(f"{path}: cannot be read", OSError), path.open("rb") as file:
        pointer = file.read(len(GIT_LFS)) == GIT_LFS
    if pointer:
        raise BuqiError(f"{path}: a pointer of Git LFS, not the weights; run git lfs pull in its repository")


def shapes_in(path: Path) -> Shapes:
    """Return the shape of each tensor by its name; nothing else is read.

    Raises:
        BuqiError: not readable, cut, broken, not safetensors, or with so many tensors that reading would take minutes.
    """
    from safetensors import SafetensorError, safe_open

    check_readable(path)
    broken = f"{path}: broken or not safetensors"
    with explained(broken, SafetensorError, OSError), safe_open(path, framework="pt") as file:
        if len(names := file.keys()) > MOST_TENSORS:
            raise BuqiError(f"{path}: it names {len(names):,} tensors; no model has over {MOST_TENSORS:,}")
        return {name: tuple(file.get_slice(name).get_shape()) for name in names}


def shapes_of(folder: Path) -> Shapes:
    """Return the shape of each tensor in a model's folder, as `shapes_in`."""
    found: Shapes = {}
    for path in sorted(folder.glob("*.safetensors")):
        found |= shapes_in(path)
    return found


def check_ranks(folder: Path, config: AdapterFile, weights: Shapes) -> None:
    """Check that an adapter's configuration asks for the ranks that its weights have.

    Raises:
        BuqiError: other ranks; PEFT would allocate matrices of another, perhaps huge, size.
    """
    ranks = {name: shape for name, shape in weights.items() if name.endswith(".lora_A.weight")}
    for name, shape in ranks.items():
        layer = name.removeprefix(STEM).removesuffix(".lora_A.weight")
        wanted = _of_pattern(config.rank_pattern or {}, layer, config.r)
        if len(shape) != 2 or shape[0] != wanted:
            raise BuqiError(f"{folder}: rank {wanted} by adapter_config.json, but {name} is {_shown(shape)}")
    largest = max((shape[0] for shape in ranks.values()), default=0)
    asked = [*(config.rank_pattern or {}).values(), *([] if _all_named(config) else [config.r])]
    if ranks and max(asked) > largest:
        raise BuqiError(f"{folder}: adapter_config.json asks for a rank over {largest}, the largest of its weights")


def check_factors(folder: Path, config: AdapterFile, weights: Shapes) -> None:
    """Check that PEFT reads every tensor of an adapter by its name, and that no factor misses its counterpart.

    PEFT ignores other names, and fills a missing factor with random numbers.

    Raises:
        BuqiError: an unknown name, or a factor without its counterpart.
    """
    for name in weights:
        if not name.startswith(STEM):
            raise BuqiError(f"{folder}: tensor {name[:80]!r} is none of an adapter's; its weights are damaged")
        layer, _, factor = name.rpartition(".lora_")
        if not layer:
            continue  # a matrix that was trained whole
        if factor not in COUNTERPARTS:
            raise BuqiError(f"{folder}: tensor {name[:120]!r} is no factor that PEFT reads; fetch or save it again")
        needed = (*COUNTERPARTS[factor], *((LENGTHS,) if config.use_dora and factor == "A.weight" else ()))
        for other in needed:
            if f"{layer}.lora_{other}" not in weights:
                missing = f"lora_{other.removesuffix('.weight')}"
                raise BuqiError(f"{folder}: {name[:120]} has no {missing} beside it; its weights are damaged")
        if factor == LENGTHS and not config.use_dora:
            raise BuqiError(f"{folder}: {name[:120]} is DoRA's, and adapter_config.json says use_dora false")


def check_adapted(folder: Path, config: AdapterFile, weights: Shapes, base: Shapes) -> None:
    """Check that an adapter holds factors of the layers that its configuration names, and of no others.

    PEFT passes over factors of other layers. A layer without factors answers as in the base.

    Raises:
        BuqiError: factors of a layer that is not named, or a named layer of the base without factors.
    """
    from peft.tuners.tuners_utils import check_target_module_exists as is_named

    held = {layer for name in weights if (layer := name.removeprefix(STEM).rpartition(".lora_")[0])}
    layers = (name.removesuffix(".weight") for name, shape in base.items() if len(shape) == 2)
    named = {layer for layer in layers if is_named(config, layer)}
    keys = "target_modules, exclude_modules, layers_to_transform"
    if unnamed := sorted(held - named):
        said = f"has factors of {unnamed[0]}, which adapter_config.json does not name ({keys})"
        raise BuqiError(f"{folder}: {said}; PEFT would pass over them. Write the names there, or save it again")
    if missing := sorted(named - held):
        said = f"adapter_config.json names {missing[0]} ({keys}), and its weights have no factors of it"
        raise BuqiError(f"{folder}: {said}; fetch or save it again")


def check_fits(folder: Path, weights: Shapes, base: Shapes) -> None:
    """Check that what an adapter holds, factors and whole matrices, fits the layers of a base.

    Raises:
        BuqiError: a layer that the base has not, or one of another size.
    """
    adapted = {name.removeprefix(STEM).rpartition(".lora_")[0] for name in weights}
    for name, shape in weights.items():
        layer, _, factor = name.removeprefix(STEM).rpartition(".lora_")
        if not layer:
            _check_whole(folder, factor, shape, base, adapted)
        elif factor in ("A.weight", "B.weight"):
            own = base.get(f"{layer}.weight")
            if own is None:
                raise BuqiError(f"{folder}: does not fit this base, which has no layer {layer}")
            at = 1 if factor == "A.weight" else 0  # A is (rank, in), B (out, rank); the layer is (out, in)
            if len(shape) != 2 or len(own) != 2 or shape[at] != own[at]:
                raise BuqiError(f"{folder}: does not fit this base: {name} is {_shown(shape)}, the layer {_shown(own)}")


def plain_name(name: str) -> str:
    """Return what the base calls a whole matrix of an adapter."""
    layer, _, kind = name.removeprefix(STEM).rpartition(".")
    return f"{layer.removesuffix('.base_layer')}.{kind}"


def read_tensor(folder: Path, name: str) -> Any:
    """Return a tensor of a folder's weights, ``None`` if there is none; the output matrix may be the embedding."""
    from safetensors import safe_open

    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, framework="pt") as file:
            if name in file.keys():  # noqa: SIM118 (not a dict)
                return file.get_tensor(name)
    return read_tensor(folder, EMBEDDING) if name == "lm_head.weight" else None


def _check_whole(folder: Path, name: str, shape: tuple[int, ...], base: Shapes, adapted: set[str]) -> None:
    """Check that a matrix that an adapter holds whole, beside its factors, is one of the base's and has its size.

    PEFT keeps the matrices of an adapted layer under ``base_layer``. It ignores names that it does not know.
    """
    plain = plain_name(name)
    own = base.get(plain, base.get(EMBEDDING) if plain == "lm_head.weight" else None)
    if own is None or (plain != name) != (plain.rpartition(".")[0] in adapted):
        raise BuqiError(f"{folder}: does not fit this base: PEFT has no place for {name[:120]} and would pass over it")
    if own == shape:
        return
    if plain in (EMBEDDING, "lm_head.weight") and shape[1:] == own[1:]:
        raise BuqiError(
            f"{folder}: made with a vocabulary of {shape[0]:,} rows, this base has {own[0]:,} ({name}): do not resize "
            "the embeddings before training, or save the adapter again with save_embedding_layers=False"
        )
    raise BuqiError(f"{folder}: does not fit this base: {name} is {_shown(shape)}, the base's is {_shown(own)}")


def check_base_shapes(folder: Path, config: BaseFile, weights: Shapes) -> None:
    """Check that a model's configuration asks for the matrices that its weights have.

    Raises:
        BuqiError: another vocabulary, width or number of layers.
    """
    if (config.model_extra or {}).get("quantization_config"):
        return  # packed: the shapes are others
    wanted: dict[str, tuple[Any, ...]] = {
        EMBEDDING: (config.vocab_size, config.hidden_size),
        "model.layers.0.mlp.gate_proj.weight": (config.intermediate_size, config.hidden_size),
        "model.norm.weight": (config.hidden_size,),
    }
    for name, shape in wanted.items():
        found = weights.get(name)
        if found is not None and None not in shape and found != shape:
            raise BuqiError(f"{folder}: config.json says {_shown(shape)} for {name}, which is {_shown(found)}")
    layers = {name.split(".")[2] for name in weights if name.startswith("model.layers.")}
    if layers and config.num_hidden_layers not in (None, len(layers)):
        raise BuqiError(f"{folder}: config.json says {config.num_hidden_layers} layers, the weights have {len(layers)}")


def check_finite(where: Path, tensors: Iterable[tuple[str, Any]]) -> None:
    """Check that no tensor holds NaN or infinity; ``where`` they come from is for the message.

    Raises:
        BuqiError: one does.
    """
    for name, tensor in tensors:
        if not finite(tensor):
            raise BuqiError(f"{where}: {name} holds numbers that are not finite (NaN or infinity)")


def finite(tensor: Any) -> bool:
    """Return whether a tensor has no NaN and no infinity. It is read once, nothing of its size is allocated."""
    import torch

    if not tensor.is_floating_point() or not tensor.numel():
        return True
    if tensor.element_size() < 2:
        tensor = tensor.float()
    if bool(torch.isfinite(tensor.sum())):  # twice as fast; the sum of finite numbers may still be infinite
        return True
    return all(bool(torch.isfinite(end)) for end in torch.aminmax(tensor))


def _of_pattern(pattern: Mapping[str, int], layer: str, default: int) -> int:
    return next((rank for key, rank in pattern.items() if layer == key or layer.endswith(f".{key}")), default)


def _all_named(config: AdapterFile) -> bool:
    """Return whether every target has a rank of its own, so that no layer has rank ``r``."""
    return all(_of_pattern(config.rank_pattern or {}, target, 0) for target in config.target_modules)


def _shown(shape: tuple[Any, ...]) -> str:
    return "×".join(map(str, shape))
