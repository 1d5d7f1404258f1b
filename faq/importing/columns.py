"""Which column of a table holds what, by its heading in Chinese or English, and the rows below it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from faq.content import Place
from faq.importing.rows import Reading, Row, tidy
from faq.text import normalise

HEADING_ROWS = 10  # a table may have a title and notes above its headings
_HEADINGS = {
    "question": "问题 标准问题 标准问 提问 question standardquestion",
    "title": "标题 分段标题 title sectiontitle",
    "answer": "答案 回答 答复 标准答案 分段内容 answer reply sectioncontent",
    "variants": "相似问法 相似问题 相似问 扩展问法 扩展问题 扩展问 其他问法 变体 variants similarquestions",
    "negatives": "反例 易混问题 negatives hardnegatives",
    "knowledge_base": "知识库 知识库编号 kb knowledgebase",
    "id": "编号 问题编号 id",
}
_COLUMN = {heading: name for name, headings in _HEADINGS.items() for heading in headings.split()}
_REMARK = re.compile(r"[(（].*", re.DOTALL)
_SEPARATOR = re.compile(r"[\n|｜]")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: where it is and what its cells hold."""

    number: int
    cells: Sequence[str]


def find_headings(lines: Sequence[Line]) -> tuple[int, Mapping[str, int]] | None:
    """(index of the line, name -> column) of the first line that names a question and an answer."""
    for index, line in enumerate(lines[:HEADING_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(line.cells):
            if name := _name(cell):
                columns.setdefault(name, column)
        if "answer" in columns and ("question" in columns or "title" in columns):
            return index, columns
    return None


def read_table(lines: Sequence[Line], path: str, reading: Reading) -> None:
    """Add the rows of one table to `reading`; lines without headings or without a text are told there."""
    found = find_headings(lines)
    if not found:
        cells = [cell for line in lines[:1] for cell in line.cells if cell]
        reading.refuse(
            Place(path, lines[0].number if lines else 1),
            f"no heading for the question and the answer among {', '.join(cells)[:80] or 'nothing'}; "
            "name the columns 问题 and 答案 (question, answer). A table that is no FAQ belongs to documents:",
        )
        return
    index, columns = found
    ignored = [cell for cell in lines[index].cells if cell and not _name(cell)]
    if ignored:
        reading.warn(Place(path, lines[index].number), f"columns not imported: {', '.join(ignored)[:80]}")
    for row in _together(_rows(lines[index + 1 :], columns, path, reading)):
        reading.add(row)


def _name(cell: str) -> str:
    """What a column holds, by its heading without the remark in brackets; '' when unknown."""
    return _COLUMN.get(normalise(_REMARK.sub("", cell)), "")


def _rows(lines: Sequence[Line], columns: Mapping[str, int], path: str, reading: Reading) -> Iterator[Row]:
    for line in lines:
        cells = {name: tidy(line.cells[column]) for name, column in columns.items() if column < len(line.cells)}
        if any(cells.values()):
            yield _row(cells, Place(path, line.number))
        else:
            reading.warn(Place(path, line.number), "empty row skipped")


def _row(cells: Mapping[str, str], place: Place) -> Row:
    """The first line of the question cell is the question, the others say the same."""
    questions = _split(cells.get("question") or "", "\n") or _split(cells.get("title") or "", "\n") or ("",)
    variants = (*questions[1:], *_split(cells.get("variants", "")))
    return Row(
        place=place,
        question=questions[0],
        answer=cells.get("answer", ""),
        knowledge_base=cells.get("knowledge_base", ""),
        id=cells.get("id", ""),
        variants=variants if variants or "variants" in cells else None,
        negatives=_split(cells["negatives"]) if "negatives" in cells else None,
    )


def _split(cell: str, separator: str = "") -> tuple[str, ...]:
    parts = cell.split(separator) if separator else _SEPARATOR.split(cell)
    return tuple(part.strip() for part in parts if part.strip())


def _together(rows: Iterator[Row]) -> Iterator[Row]:
    """Rows in a row that differ in their variants alone are one FAQ (question and answer in merged cells)."""
    held: Row | None = None
    for row in rows:
        if held and replace(row, place=held.place, variants=None, negatives=None) == replace(
            held, variants=None, negatives=None
        ):
            variants, negatives = _both(held.variants, row.variants), _both(held.negatives, row.negatives)
            held = replace(held, variants=variants, negatives=negatives)
            continue
        if held:
            yield held
        held = row
    if held:
        yield held


def _both(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if first is None and second is None else tuple(dict.fromkeys((*(first or ()), *(second or ()))))
