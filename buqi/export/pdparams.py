"""Reads ``.pdparams`` files, which are pickles. Only arrays are unpickled."""

from __future__ import annotations

import pickle
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.errors import BuqiError

# The names in a pickled dict of numpy arrays. Any other name could run code when it is unpickled.
HARMLESS = {
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.numeric", "_frombuffer"),
    ("numpy._core.numeric", "_frombuffer"),
    ("numpy", "ndarray"),
    ("numpy", "dtype"),
    ("collections", "OrderedDict"),
}


class _Arrays(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in HARMLESS:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no array")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_pdparams(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a ``.pdparams`` file by name. Nothing but arrays is built.

    Raises:
        BuqiError: cut, no pickle, or a pickle of anything else.
    """
    try:
        with path.open("rb") as file:
            found = _Arrays(file).load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, KeyError, IndexError,
            ImportError, MemoryError, OverflowError, UnicodeDecodeError, zlib.error) as error:  # fmt: skip
        raise BuqiError(f"{path}: not a file of arrays as PaddleNLP saves them ({error})") from error
    arrays = {}
    for name, value in found.items() if isinstance(found, dict) else ():
        if isinstance(value, tuple) and len(value) == 2:  # (name, array): how older versions save a parameter
            value = value[1]
        if isinstance(name, str) and isinstance(value, np.ndarray) and value.dtype != object:
            arrays[name] = value
        elif name != "StructuredToParameterName@@":
            raise BuqiError(f"{path}: {name!r} is {type(value).__name__}, no array of numbers")
    if not arrays:
        raise BuqiError(f"{path}: holds no arrays")
    return arrays
