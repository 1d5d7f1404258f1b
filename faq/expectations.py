"""Where the staff expect questions to land: the table of `hit --expected`, read strictly."""

import csv
import difflib
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faq.content import Content, ContentError, Place, Problem
from faq.importing.sheets import decode
from faq.text import normalise

NONE = "none"  # expected of a question that no entry answers
_NONE = frozenset((NONE, "无"))
_QUESTION = frozenset(("question", "问题"))
_EXPECTED = frozenset(("expected", "期望"))
_DELIMITERS = (",", "\t", ";")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A question and where it should land: `knowledge_base/entry` or NONE."""

    question: str
    expected: str
    place: Place


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: Sequence[str]


def read_expectations(data: bytes, path: str, content: Content) -> tuple[Expectation, ...]:
    """Rows of a CSV in UTF-8, UTF-16 or GB18030. Raises ContentError with the problems of all rows."""
    problems: list[Problem] = []
    lines = _lines(data, path, problems)
    rows = [] if problems else list(_rows(lines, path, content, problems))
    if not (rows or problems):
        problems.append(Problem(Place(path, 1), "holds no question; write one a line below the heading"))
    if problems:
        raise ContentError(tuple(problems))
    return tuple(rows)


def _lines(data: bytes, path: str, problems: list[Problem]) -> list[_Line]:
    """The lines that say anything, the heading first."""
    lines: list[_Line] = []
    text = decode(data)
    if text is None:
        problems.append(Problem(Place(path, 1), "the encoding is not recognised; save the file as UTF-8"))
        return lines
    heading = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = next((mark for mark in _DELIMITERS if mark in heading), ",")
    try:
        lines.extend(_split(text, delimiter))
    except csv.Error as error:
        last = lines[-1].number if lines else 0
        problems.append(Problem(Place(path, last + 1), f"not readable as CSV ({error}); is a quote never closed?"))
    return lines


def _split(text: str, delimiter: str) -> Iterator[_Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield _Line(number, [cell.strip() for cell in cells])
        number = reader.line_num + 1  # a quoted cell may run over several lines


def _rows(lines: Sequence[_Line], path: str, content: Content, problems: list[Problem]) -> Iterator[Expectation]:
    columns = _columns(lines[0].cells) if lines else None
    if columns is None:
        remedy = "the first line must be 'question,expected' or '问题,期望', with a half-width comma"
        problems.append(Problem(Place(path, lines[0].number if lines else 1), remedy))
        return
    names = {f"{base.id}/{item.id}" for base in content.knowledge_bases for item in base.answering}
    width, asked = len(lines[0].cells), dict[str, int]()
    for line in lines[1:]:
        cells = [*line.cells, *[""] * width]
        row = Expectation(cells[columns[0]], _expected(cells[columns[1]]), Place(path, line.number))
        wrong = _too_wide(line, width) or _fault(row, names)
        if not wrong and (first := asked.setdefault(normalise(row.question), line.number)) != line.number:
            wrong = f"the question {row.question[:40]!r} is already at line {first}; delete one"
        if wrong:
            problems.append(Problem(row.place, wrong))
        else:
            yield row


def _columns(heading: Sequence[str]) -> tuple[int, int] | None:
    """Which column holds the question and which what is expected."""
    names = [name.casefold() for name in heading]
    question = next((at for at, name in enumerate(names) if name in _QUESTION), None)
    expected = next((at for at, name in enumerate(names) if name in _EXPECTED), None)
    return None if question is None or expected is None else (question, expected)


def _expected(cell: str) -> str:
    plain = unicodedata.normalize("NFKC", cell)
    return NONE if plain.casefold() in _NONE else plain


def _too_wide(line: _Line, width: int) -> str:
    if not any(line.cells[width:]):
        return ""
    return "has more columns than the heading; put a question that holds a comma in double quotes"


def _fault(row: Expectation, names: set[str]) -> str:
    """What is wrong with the row; '' when nothing is."""
    if not row.question:
        return "the question is empty; write one or delete the row"
    if not row.expected:
        return f"nothing is expected of {row.question[:40]!r}; write knowledge_base/entry, or none"
    if row.expected == NONE or row.expected in names:
        return ""
    return f"there is no entry {row.expected[:80]!r}; write {_nearest(row.expected, names)}"


def _nearest(wanted: str, names: set[str]) -> str:
    """The name most like it; an id alone is like those of its own name first."""
    named = sorted(name for name in names if name.endswith(f"/{wanted}"))
    close = named or difflib.get_close_matches(wanted, sorted(names), 1, 0.5)
    return f"{close[0]}, if that is meant" if close else "knowledge_base/entry as in the files, or none"
