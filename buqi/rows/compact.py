"""Rows as tokens in flat arrays: 2.4 million of them in 0.7 GB, where lists of numbers would take 8."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from buqi.indexes import Arrays
from buqi.task import Encoded

PACKED_AT_ONCE = 1 << 20  # flags that become bits together; a multiple of eight


class CompactRows(Sequence[Encoded]):
    """Rows as tokens. A row is made of the arrays each time it is asked for.

    Args:
        arrays: ``tokens`` (T,) of all rows, one row behind the other; ``ends`` (rows,) where each row ends in them;
            ``trained`` (T / 8,) a bit for each token; ``learnt`` (1,) how many bits are set.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.tokens, self.ends, self.trained = arrays["tokens"], arrays["ends"], arrays["trained"]
        self.learnt = int(arrays["learnt"][0])

    @staticmethod
    def arrays(rows: Iterable[Encoded]) -> Arrays:
        """Return the arrays of some rows, which are read one by one."""
        tokens, ends, flags, bits, learnt = array("I"), array("q"), bytearray(), bytearray(), 0
        for row in rows:
            tokens.extend(row.ids)
            ends.append(len(tokens))
            flags += bytes(row.trained)
            learnt += sum(row.trained)
            if len(flags) > PACKED_AT_ONCE:
                bits += np.packbits(np.frombuffer(flags[:PACKED_AT_ONCE], dtype=np.uint8)).tobytes()
                del flags[:PACKED_AT_ONCE]
        bits += np.packbits(np.frombuffer(flags, dtype=np.uint8)).tobytes()
        return {
            "tokens": np.frombuffer(tokens, dtype=np.uint32),
            "ends": np.frombuffer(ends, dtype=np.int64),
            "trained": np.frombuffer(bits, dtype=np.uint8),
            "learnt": np.array([learnt]),
        }

    def __len__(self) -> int:
        return len(self.ends)

    def __iter__(self) -> Iterator[Encoded]:
        return map(self._row, range(len(self)))

    @overload
    def __getitem__(self, at: int) -> Encoded: ...
    @overload
    def __getitem__(self, at: slice) -> list[Encoded]: ...
    def __getitem__(self, at: int | slice) -> Encoded | list[Encoded]:
        """Return a row, or a list of some."""
        return self._row(range(len(self))[at]) if isinstance(at, int) else [*map(self._row, range(len(self))[at])]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(rows,) how many tokens each has."""
        return np.diff(self.ends, prepend=0)

    def _row(self, at: int) -> Encoded:
        start, end = int(self.ends[at - 1]) if at else 0, int(self.ends[at])
        skipped = start % 8
        bits = np.unpackbits(self.trained[start // 8 : (end + 7) // 8])[skipped : skipped + end - start]
        return Encoded(self.tokens[start:end].tolist(), bits.astype(bool).tolist())
