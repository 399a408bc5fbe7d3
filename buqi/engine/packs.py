"""Many rows as one sequence: what they all begin with is computed once.

A pack is ``[prefix | leaf 1 | leaf 2 | …]``. A leaf attends the prefix and itself, causally, and its positions go on
where the prefix ends, so every row sees what it would see alone. Logits are asked for trained positions only. The
result equals padded batches (the tests hold it to 1e-5); it saves the repeated prefix, the padding, and most of the
product with the vocabulary (151,936 x 896 for each position).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buqi.base.attention import Blocks, takes_blocks
from buqi.task import Encoded

if TYPE_CHECKING:
    import torch

FILLED = 4  # times the budget: most tokens of a pack after each row is padded to its longest


def common_prefix(rows: Sequence[Sequence[int]]) -> int:
    """Return how many tokens all rows have in common at the front."""
    first, last = min(map(list, rows)), max(map(list, rows))  # in lexicographic order: what they share, all share
    length = 0
    for one, other in zip(first, last, strict=False):
        if one != other:
            break
        length += 1
    return length


def shared_prefix(rows: Sequence[Encoded]) -> int:
    """Return how many tokens of ``rows`` are computed once.

    The position that predicts a row's first trained token stays in its leaf, so that it can differ between rows.
    """
    return min(common_prefix([row.ids for row in rows]), min(row.first_trained for row in rows) - 1)


@dataclass(frozen=True)
class Pack:
    """Tensors of one packed sequence of L tokens with T predicted positions.

    Attributes:
        input_ids: (1, L) tokens: the prefix, then each row's own part without its last token.
        position_ids: (1, L).
        keep: (T,) positions whose logits are needed.
        targets: (T,) the tokens to be predicted there.
        owners: (T,) index of the row each target belongs to.
        prefix: length of the shared prefix.
        lengths: tokens of each row behind it.
    """

    input_ids: torch.Tensor
    position_ids: torch.Tensor
    keep: torch.Tensor
    targets: torch.Tensor
    owners: torch.Tensor
    prefix: int
    lengths: tuple[int, ...]

    @property
    def mask(self) -> torch.Tensor:
        """(1, 1, L, L) bool, true where attention is allowed."""
        import torch

        leaf = torch.cat([torch.full((n,), number) for number, n in enumerate([self.prefix, *self.lengths])])
        same = (leaf[:, None] == leaf[None, :]) | (leaf[None, :] == 0)
        return (same & torch.ones(len(leaf), len(leaf), dtype=torch.bool).tril())[None, None]

    def inputs(self, model: Any) -> dict[str, Any]:
        """Return the arguments of ``model``'s forward, on its device."""
        device = next(model.parameters()).device
        mask: Any
        if takes_blocks(model):
            mask = {"full_attention": Blocks.of(self.prefix, list(self.lengths), device)}
        else:
            mask = self.mask.to(device)
        return {
            "input_ids": self.input_ids.to(device),
            "position_ids": self.position_ids.to(device),
            "attention_mask": mask,
            "logits_to_keep": self.keep.to(device),
            "use_cache": False,
        }


def make_pack(rows: Sequence[Encoded]) -> Pack:
    """Return the pack of ``rows``. Each must train at least one token and begin with one that is not trained."""
    import torch

    shared = shared_prefix(rows)
    ids = list(rows[0].ids[:shared])
    positions = list(range(shared))
    keep: list[int] = []
    targets: list[int] = []
    owners: list[int] = []
    for number, row in enumerate(rows):
        offset = len(ids) - shared  # from a position in the row to that in the pack
        learnt = [at for at, on in enumerate(row.trained) if on]  # the tokens to be predicted, each from the one before
        keep += [offset + at - 1 for at in learnt]
        targets += [row.ids[at] for at in learnt]
        owners += [number] * len(learnt)
        ids += row.ids[shared:-1]
        positions += range(shared, len(row.ids) - 1)
    return Pack(
        input_ids=torch.tensor([ids]),
        position_ids=torch.tensor([positions]),
        keep=torch.tensor(keep),
        targets=torch.tensor(targets),
        owners=torch.tensor(owners),
        prefix=shared,
        lengths=tuple(len(row.ids) - 1 - shared for row in rows),
    )


def packs(rows: Sequence[Encoded], budget: int) -> list[list[int]]:
    """Return indexes of ``rows`` grouped so that each pack computes at most ``budget`` tokens, one row at least.

    Rows that begin alike go into packs of their own where that saves tokens. Each such family is packed first-fit
    decreasing by each row's own tokens; the prefix that all of them share counts once a pack. Attention pads rows to
    the longest of the pack, so a long row is packed with few short ones: a padded pack has `FILLED` times the budget
    at most.
    """
    return [group for family in _families(rows, list(range(len(rows)))) for group in _fitted(rows, family, budget)]


def _families(rows: Sequence[Encoded], chosen: list[int]) -> list[list[int]]:
    """Return ``chosen`` split by the token behind their common prefix, where longer prefixes save more than they cost.

    A split saves what the rows of each branch share beyond the prefix; it costs the prefix once more for each branch.
    """
    shared = shared_prefix([rows[i] for i in chosen])
    branches: dict[int, list[int]] = defaultdict(list)
    for i in chosen:
        branches[rows[i].ids[shared]].append(i)
    further = {token: shared_prefix([rows[i] for i in branch]) - shared for token, branch in branches.items()}
    saved = sum(further[token] * (len(branch) - 1) for token, branch in branches.items())
    if saved <= shared * (len(branches) - 1):
        return [chosen]
    return [family for branch in branches.values() for family in _families(rows, branch)]


def _fitted(rows: Sequence[Encoded], chosen: Sequence[int], budget: int) -> list[list[int]]:
    """Return ``chosen`` in packs, first-fit decreasing."""
    shared = shared_prefix([rows[i] for i in chosen])
    room: list[int] = []  # tokens left in each pack
    most: list[int] = []  # rows of each pack
    groups: list[list[int]] = []
    for i in sorted(chosen, key=lambda i: -len(rows[i].ids)):
        need = len(rows[i].ids) - 1 - shared
        place = next((g for g, left in enumerate(room) if left >= need and len(groups[g]) < most[g]), None)
        if place is None:
            room.append(budget - shared - need)
            groups.append([i])
            most.append(max(1, FILLED * budget // max(need, 1)))  # it is the longest of its pack
        else:
            room[place] -= need
            groups[place].append(i)
    return [sorted(group) for group in groups]
