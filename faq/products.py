"""Products of a few rows with a large matrix, as a question needs them: OpenBLAS copies the matrix each time to
multiply many rows faster, which is three times slower for ten."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Blocks = NDArray[np.float32]  # (blocks, 1, rows, columns of a block)

_COLUMNS = 64  # of a block
_FEW = 1_000_000  # multiplications up to which OpenBLAS works without copying


def cut(matrix: Rows) -> Blocks:
    """The columns of a matrix in blocks, as `multiply` takes them; filled up with columns of nothing."""
    width, number = len(matrix), -(-matrix.shape[1] // _COLUMNS)
    filled = np.pad(matrix, ((0, 0), (0, number * _COLUMNS - matrix.shape[1])))
    return np.ascontiguousarray(filled.reshape(width, number, _COLUMNS).transpose(1, 0, 2), np.float32)[:, None]


def multiply(rows: Rows, blocks: Blocks) -> Rows:
    """Give `rows`, of which there is one at least, times the matrix in `blocks`; as many columns as these have."""
    number, _, width, columns = blocks.shape
    parts = max(1, -(-len(rows) * width * columns // _FEW))
    each = -(-len(rows) // parts)
    if each * parts == len(rows):
        padded = rows
    else:
        padded = np.zeros((each * parts, width), np.float32)
        padded[: len(rows)] = rows
    product: Rows = np.matmul(padded.reshape(1, parts, each, width), blocks).reshape(number, parts * each, columns)
    return product.transpose(1, 0, 2).reshape(parts * each, number * columns)[: len(rows)]
