"""Many token sequences as one tree: what sequences begin with alike is computed once, however deep.

Candidates for many addresses share the instruction; those of one address share it too; candidates in one province
share its tokens. The tree is laid out in one sequence of its distinct nodes; a node attends its ancestors and itself,
and its position is its depth, so it sees what it would see alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Scored:
    """One sequence: its context, and behind it the tokens whose log-probability is wanted."""

    context: tuple[int, ...]
    tokens: tuple[int, ...]


@dataclass
class Tree:
    """Nodes in the order in which they are computed.

    Attributes:
        token: each node's token.
        parent: each node's parent, -1 for a root.
        depth: each node's position.
        wanted: for each sequence, pairs of a node and the token to be predicted there.
    """

    token: list[int] = field(default_factory=list)
    parent: list[int] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    wanted: list[list[tuple[int, int]]] = field(default_factory=list)
    _children: dict[tuple[int, int], int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.token)

    def add(self, sequence: Scored) -> None:
        """Put a sequence in. Its last token is predicted only, so it is no node."""
        ids = (*sequence.context, *sequence.tokens)
        node, wanted = -1, []
        for at, token in enumerate(ids[:-1]):
            node = self._step(node, token, at)
            if at + 1 >= len(sequence.context):
                wanted.append((node, ids[at + 1]))
        self.wanted.append(wanted)

    def _step(self, node: int, token: int, at: int) -> int:
        child = self._children.get((node, token))
        if child is None:
            child = self._children[node, token] = len(self.token)
            self.token.append(token)
            self.parent.append(node)
            self.depth.append(at)
        return child

    def mask(self) -> torch.Tensor:
        """(1, 1, L, L) bool, true where attention is allowed."""
        import torch

        allowed = torch.zeros(len(self), len(self), dtype=torch.bool)
        for node, parent in enumerate(self.parent):
            if parent >= 0:
                allowed[node] = allowed[parent]
            allowed[node, node] = True
        return allowed[None, None]

    def log_probabilities(self, model: Any) -> torch.Tensor:
        """Return each sequence's log-probability after its context, differentiable."""
        import torch

        device = next(model.parameters()).device
        nodes = sorted({node for pairs in self.wanted for node, _ in pairs})
        row = {node: i for i, node in enumerate(nodes)}
        logits = model(
            input_ids=torch.tensor([self.token], device=device),
            position_ids=torch.tensor([self.depth], device=device),
            attention_mask=self.mask().to(device),
            logits_to_keep=torch.tensor(nodes, device=device),
            use_cache=False,
        ).logits[0]
        logprob = logits.float().log_softmax(-1)
        rows = torch.tensor([row[node] for pairs in self.wanted for node, _ in pairs], device=device)
        targets = torch.tensor([token for pairs in self.wanted for _, token in pairs], device=device)
        owners = torch.tensor([i for i, pairs in enumerate(self.wanted) for _ in pairs], device=device)
        found = torch.zeros(len(self.wanted), device=device)
        return found.index_add(0, owners, logprob[rows, targets])


def trees(groups: Sequence[Sequence[Scored]], budget: int) -> Iterator[tuple[Tree, list[int]]]:
    """Yield trees of at most ``budget`` nodes, one group at least, and the groups that each holds, in order."""
    tree = Tree()
    held: list[int] = []
    for number, group in enumerate(groups):
        size = sum(len(s.context) + len(s.tokens) for s in group)
        if held and len(tree) + size > budget:
            yield tree, held
            tree, held = Tree(), []
        for sequence in group:
            tree.add(sequence)
        held.append(number)
    if held:
        yield tree, held
