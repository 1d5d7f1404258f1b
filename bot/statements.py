"""SQL that writes many rows at once, for the driver as it is. The texts are few, so that the database keeps them ready.

Pure: bot/database.py runs what is made here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import sqlalchemy as sa

_SIZES = (64, 16, 4, 1)  # rows of one text

Row = tuple[Any, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """`text` has {rows} where the rows go, a row is `row` with {} for each of its values, which belong to `columns`."""

    text: str
    row: str
    columns: tuple[sa.Column[Any], ...]


def insert(table: sa.Table, names: Sequence[str], conflict: str = "") -> Statement:
    """Add rows with these columns; `conflict` says what happens to one that is there."""
    listed = ", ".join(f'"{name}"' for name in names)
    text = f"INSERT INTO {table.name} ({listed}) VALUES {{rows}} {conflict}"  # noqa: S608 - our own names
    return Statement(text, f"({', '.join('{}' for _ in names)})", tuple(table.c[name] for name in names))


def update(table: sa.Table, key: str, *names: str) -> Statement:
    """Set columns of text in the rows with these keys; a row of values begins with its key."""
    setting = ", ".join(f"{name} = given.column{place}" for place, name in enumerate(names, 2))
    text = f"UPDATE {table.name} SET {setting} FROM (VALUES {{rows}}) AS given"  # noqa: S608
    columns = tuple(table.c[name] for name in (key, *names))
    casts = ", ".join("CAST({} AS text)" for _ in columns)
    return Statement(f"{text} WHERE {table.name}.{key} = given.column1", f"({casts})", columns)


@dataclass(slots=True)
class Bound:
    """A statement for one dialect: turns rows into calls of the driver."""

    statement: Statement
    mark: Callable[[int], str]
    processors: Sequence[tuple[int, Callable[[Any], Any]]]
    texts: dict[int, str] = field(default_factory=dict)

    def calls(self, rows: Sequence[Row]) -> list[tuple[str, Row]]:
        """Texts and their values, as few as will do."""
        return [(self._text(len(part)), tuple(chain.from_iterable(map(self._values, part)))) for part in _cut(rows)]

    def _values(self, row: Row) -> Sequence[Any]:
        if not self.processors:
            return row
        values = list(row)
        for place, process in self.processors:
            values[place] = process(values[place])
        return values

    def _text(self, rows: int) -> str:
        if rows not in self.texts:
            width = len(self.statement.columns)
            marks = ([self.mark(row * width + place) for place in range(1, width + 1)] for row in range(rows))
            listed = ", ".join(self.statement.row.format(*one) for one in marks)
            self.texts[rows] = self.statement.text.format(rows=listed)
        return self.texts[rows]


def bind(statement: Statement, dialect: sa.Dialect) -> Bound:
    """The statement with the dialect's placeholders and ways of writing values."""
    found = ((place, _processor(column, dialect)) for place, column in enumerate(statement.columns))
    processors = [(place, process) for place, process in found if process is not None]
    return Bound(statement, _question if dialect.paramstyle == "qmark" else _dollar, processors)


def _processor(column: sa.Column[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _question(_: int) -> str:
    return "?"


def _dollar(place: int) -> str:
    return f"${place}"


def _cut(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    begin = 0
    for size in _SIZES:
        while len(rows) - begin >= size:
            yield rows[begin : begin + size]
            begin += size
