"""The nearest of very many rows, approximately: rows are grouped into cells around centres, and the cells nearest to a
question are looked at (an inverted file: Jegou, Douze and Schmid 2011). Rows are kept as bytes.

Measured beside usearch and faiss in benchmarks/nearest.py: numpy alone is as near, fast enough, and needs no library.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.words import unit

Values = NDArray[np.float32]
Rows = NDArray[np.int64]

_ROWS = 300  # of a cell
_LOOKED, _SHARE = 6_000, 0.015  # rows looked at for one question, and the share of all in addition
_CELLS = 250  # cells looked at, at most
_STEPS, _EACH = 8, 40  # of k-means, and the rows of a cell it learns from
_BLOCK = 8192
_ARRAYS = ("rows", "scale", "order", "places", "ends", "centres")


@dataclass(frozen=True, slots=True)
class Bytes:
    """Rows of numbers, each a byte times the scale of its row: a dot product is wrong by less than .005."""

    rows: NDArray[np.int8]
    scale: Values

    @classmethod
    def empty(cls, number: int, width: int) -> "Bytes":
        return cls(np.zeros((number, width), np.int8), np.zeros(number, np.float32))

    def put(self, part: slice, rows: Values) -> None:
        self.scale[part] = np.maximum(np.abs(rows).max(axis=1), 1e-9) / 127
        self.rows[part] = np.rint(rows / self.scale[part, None])

    def get(self, part: slice | Rows) -> Values:
        rows: Values = self.rows[part].astype(np.float32)
        rows *= self.scale[part, None]
        return rows

    def near(self, part: slice | Rows, to: Values) -> Values:
        """The dot product of these rows with one row."""
        return np.asarray((self.rows[part].astype(np.float32) @ to) * self.scale[part], np.float32)


@dataclass(frozen=True, slots=True)
class Cells:
    """Unit rows in the order of their cells; `places[row]` is where the row came to lie, `order` the way back."""

    bytes: Bytes
    order: NDArray[np.int32]
    places: NDArray[np.int32]
    ends: Rows
    centres: Values

    @classmethod
    def build(cls, given: Bytes) -> "Cells":
        """Group the rows, some seconds a million."""
        centres = _centres(given)
        cell = np.concatenate([np.argmax(given.get(part) @ centres.T, axis=1) for part in blocks(len(given.rows))])
        order = np.argsort(cell, kind="stable").astype(np.int32)
        places = np.empty_like(order)
        places[order] = np.arange(len(order), dtype=np.int32)
        ends = np.cumsum(np.bincount(cell, minlength=len(centres)))
        return cls(Bytes(given.rows[order], given.scale[order]), order, places, ends, centres)

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Cells":
        """What `arrays` gave."""
        rows, scale, order, places, ends, centres = (arrays[name] for name in _ARRAYS)
        return cls(Bytes(rows, scale), order, places, ends, centres)  # type: ignore[arg-type]  # as they were

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        every = (self.bytes.rows, self.bytes.scale, self.order, self.places, self.ends, self.centres)
        return dict(zip(_ARRAYS, every, strict=True))

    def near(self, rows: Rows, to: Values) -> Values:
        return self.bytes.near(self.places[rows].astype(np.int64), to)

    def nearest(self, to: Values, count: int, hidden: NDArray[np.bool_] | None) -> Rows:
        """Give about the `count` nearest rows that are not hidden, in no order."""
        looked, near = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        visible, enough = 0, _LOOKED + _SHARE * len(self.order)
        for cell in np.argsort(-(self.centres @ to))[:_CELLS]:
            part = slice(self.ends[cell - 1] if cell else 0, self.ends[cell])
            rows = self.order[part].astype(np.int64)
            shown = self.bytes.near(part, to)
            if hidden is not None:
                kept = ~hidden[rows]
                rows, shown = rows[kept], shown[kept]
            looked.append(rows)
            near.append(shown)
            visible += len(rows)
            if visible >= enough:
                break
        every, score = np.concatenate(looked), np.concatenate(near)
        return every[np.argpartition(score, -count)[-count:]] if len(every) > count else every


def blocks(number: int) -> Iterator[slice]:
    """Parts of so many rows that fit into memory when they are wide."""
    return (slice(start, min(start + _BLOCK, number)) for start in range(0, number, _BLOCK))


def _centres(given: Bytes) -> Values:
    """The centres of the cells: spherical k-means of a sample."""
    random, number = np.random.default_rng(0), -(-len(given.rows) // _ROWS)
    sample = given.get(np.sort(random.permutation(len(given.rows))[: _EACH * number]))
    centres = sample[random.permutation(len(sample))[:number]]
    for _ in range(_STEPS):
        cell = np.argmax(sample @ centres.T, axis=1)
        order = np.argsort(cell, kind="stable")
        filled, starts = np.unique(cell[order], return_index=True)
        centres[filled] = unit(np.add.reduceat(sample[order], starts, axis=0))
    return centres
