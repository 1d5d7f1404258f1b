"""The lines of a .csv or .xlsx file, whatever program wrote it. What they mean is columns.py's."""

import csv
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from itertools import islice
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from faq.content import Place
from faq.importing.columns import HEADING_ROWS, Line, find_headings, read_table
from faq.importing.rows import Reading

UNPACKED_LIMIT = 256 * 1024 * 1024  # bytes an .xlsx may unpack to
ROW_LIMIT = 200_000
COLUMN_LIMIT = 100
_DELIMITERS = (",", "\t", ";")
_UNREADABLE = (
    zipfile.BadZipFile, InvalidFileException, ParseError, zlib.error, OSError, EOFError, NotImplementedError,
    AttributeError, IndexError, KeyError, TypeError, ValueError,
)  # fmt: skip  # what openpyxl raises for files that are not what they seem


def read_csv(data: bytes, path: str) -> Reading:
    """Rows of a CSV in UTF-8, UTF-16 or GB18030, separated by comma, tab or semicolon."""
    reading = Reading()
    text = decode(data)
    if text is None:
        reading.refuse(Place(path, 1), "the encoding is not recognised; save the file as UTF-8")
        return reading
    delimiter = next((mark for mark in _DELIMITERS if find_headings([*_head(text, mark)])), ",")
    lines: list[Line] = []
    try:
        lines.extend(_lines(text, delimiter))
    except csv.Error as error:
        last = lines[-1].number if lines else 0
        reading.refuse(Place(path, last + 1), f"not readable as CSV ({error}); is a quote never closed?")
    read_table(lines, path, reading)
    return reading


def decode(data: bytes) -> str | None:
    """The text of a file whose program did not say how it is encoded; None when no guess holds."""
    for encoding in (_utf16(data), "utf-8-sig", "gb18030"):
        try:
            if encoding:
                return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _utf16(data: bytes) -> str:
    """Commas and line ends alone give UTF-16 its zero bytes; other encodings have none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" not in data:
        return ""
    return "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"


def _head(text: str, delimiter: str) -> Iterator[Line]:
    try:
        yield from islice(_lines(text, delimiter), HEADING_ROWS)
    except csv.Error:
        return


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    number = 1
    for cells in reader:
        yield Line(number, cells)
        number = reader.line_num + 1  # a quoted cell may run over several lines


def read_xlsx(data: bytes, path: str) -> Reading:
    """Rows of every visible sheet. A merged cell counts for all it covers, a formula for its last result."""
    reading = Reading()
    try:
        sheets = dict(_sheets(data, path, reading))
    except _UNREADABLE as error:
        reading.refuse(Place(path, 1), f"not readable as .xlsx ({error}); save it again as 'Excel workbook (.xlsx)'")
        return reading
    tables = {name: lines for name, lines in sheets.items() if find_headings(lines)} or dict(islice(sheets.items(), 1))
    for name in sheets.keys() - tables.keys():
        reading.warn(Place(path, 1), f"sheet {name} skipped: it has no headings for question and answer")
    for name, lines in tables.items():
        read_table(lines, path if len(tables) == 1 else f"{path}[{name}]", reading)
    if not sheets:
        reading.refuse(Place(path, 1), "no sheet holds a row")
    return reading


def _sheets(data: bytes, path: str, reading: Reading) -> Iterator[tuple[str, list[Line]]]:
    """(name, lines) of every sheet that holds something."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(item.file_size for item in archive.infolist()) > UNPACKED_LIMIT:
            raise ValueError(f"it unpacks to more than {UNPACKED_LIMIT // 1024**2} MB")
    written, results = _workbook(data, results=False), _workbook(data, results=True)
    for sheet in written.worksheets:
        if sheet.max_row > ROW_LIMIT:
            raise ValueError(
                f"sheet {sheet.title} has {sheet.max_row} rows, {ROW_LIMIT} at most; delete the empty ones"
            )
        lines = list(_cells(sheet, results[sheet.title], path, reading)) if sheet.sheet_state == "visible" else []
        if any(any(line.cells) for line in lines):
            yield sheet.title, lines


def _workbook(data: bytes, *, results: bool) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and validations, which are not read
        return openpyxl.load_workbook(io.BytesIO(data), data_only=results)


def _cells(written: Worksheet, results: Worksheet, path: str, reading: Reading) -> Iterator[Line]:
    merged = _merged(results)
    for number, row in enumerate(results.iter_rows(max_col=min(results.max_column, COLUMN_LIMIT), values_only=True), 1):
        texts = []
        for column, value in enumerate(row, 1):
            if value is None and written.cell(number, column).data_type == "f":
                place = Place(path, number)
                reading.warn(place, f"column {column} is a formula never computed; open the file in Excel and save it")
            texts.append(_text(merged.get((number, column), value)))
        yield Line(number, texts)


def _merged(sheet: Worksheet) -> dict[tuple[int, int], object]:
    """(row, column) -> what stands in the merged cell that covers it."""
    return {
        (row, column): sheet.cell(area.min_row, area.min_col).value
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, min(area.max_row, sheet.max_row) + 1)
        for column in range(area.min_col, min(area.max_col, COLUMN_LIMIT) + 1)
    }


def _text(value: object) -> str:
    """A cell as Excel shows it, as far as it shows a plain value."""
    if value is None or value in ERROR_CODES:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return str(value)
