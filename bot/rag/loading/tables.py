"""Tables: every row becomes one text that names its columns, so that it can be found and read alone."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import openpyxl
import xlrd

from bot.rag.loading.faults import refuse_bomb
from bot.rag.loading.plain import decode
from bot.rag.passages import Block, Kind

LIMIT_CELL = 4000  # characters of one cell
_LIMIT_COLUMNS = 200
_LIMIT_NAME = 40  # characters


def read_csv(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Rows of a .csv or .tsv file; the separator is found in its first lines."""
    text = decode(data).replace("\0", "")
    csv.field_size_limit(max(csv.field_size_limit(), 10 * 2**20))
    head = text[:8192]
    separator = max(",\t;|", key=lambda sign: head.count(sign))
    yield from rows(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def read_xlsx(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Rows of every sheet of a workbook, as last computed."""
    refuse_bomb(data)
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some writers state a wrong size
        yield Block(Kind.HEADING, sheet.title, level=2)
        yield from rows(sheet.iter_rows(values_only=True, max_col=_LIMIT_COLUMNS))


def read_xls(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Rows of every sheet of a workbook of the old format."""
    for sheet in xlrd.open_workbook(file_contents=data, logfile=io.StringIO()).sheets():
        yield Block(Kind.HEADING, sheet.name, level=2)
        yield from rows(_values(sheet))


def _values(sheet: xlrd.sheet.Sheet) -> Iterator[Sequence[object]]:
    return (sheet.row_values(number) for number in range(sheet.nrows))


def rows(table: Iterable[Sequence[object]], page: int | None = None) -> Iterator[Block]:
    """Name the columns of every row after the first; an empty row or a caption starts a new table."""
    names: Sequence[str] | None = None
    for raw in table:
        cells = [_cell(value) for value in raw]
        filled = sum(map(bool, cells))
        if not filled:
            names = None
        elif names is None or filled == 1:
            names = None if filled == 1 else _names(cells)
            yield Block(Kind.ROW, " | ".join(cell for cell in cells if cell), page=page)
        else:
            yield Block(Kind.ROW, _named(names, cells), page=page)


def _names(cells: Sequence[str]) -> Sequence[str]:
    """The names of columns are short; a first row of prose names nothing."""
    return cells if max(map(len, cells)) <= _LIMIT_NAME else ()


def _named(names: Sequence[str], cells: Sequence[str]) -> str:
    padded = [*names, *[""] * (len(cells) - len(names))]
    return "；".join(f"{name}：{cell}" if name else cell for name, cell in zip(padded, cells, strict=False) if cell)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value)[:LIMIT_CELL].split())
