"""Word and PowerPoint: paragraphs, tables and slides in reading order. Pictures are counted, not read."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO

import docx
import pptx
from docx.document import Document as WordDocument
from docx.table import Table
from docx.text.paragraph import Paragraph
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape

from bot.rag.loading.faults import refuse_bomb
from bot.rag.loading.tables import rows
from bot.rag.passages import Block, Kind

_HEADING = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_BOX = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}txbxContent"


def read_docx(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Paragraphs and tables of a Word document in their order."""
    refuse_bomb(data)
    document: WordDocument = docx.Document(BytesIO(data))
    if pictures := len(document.inline_shapes):
        notes.append(f"{pictures} pictures were not read")
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield from rows([cell.text for cell in row.cells] for row in part.rows)
        else:
            yield _paragraph(part)


def _paragraph(paragraph: Paragraph) -> Block:
    """A paragraph with its equations and text boxes; a text box is written twice, once for old readers."""
    style = paragraph.style.name or "" if paragraph.style is not None else ""
    text = _words(paragraph)
    if found := _HEADING.match(style):
        return Block(Kind.HEADING, text, level=int(found[1]))
    if style == "Title":
        return Block(Kind.HEADING, text, level=1)
    return Block(Kind.TEXT, text)


def _words(paragraph: Paragraph) -> str:
    said = [paragraph.text]
    said += ["".join(part.text or "" for part in paragraph._p.iter(_MATH))]
    boxes = {"".join(part.text or "" for part in box.iter(_TEXT)) for box in paragraph._p.iter(_BOX)}
    return "\n".join(text for text in [*said, *sorted(boxes)] if text.strip())


def read_pptx(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Slides: the title is a heading, then shapes from top to bottom, then the speaker's notes."""
    refuse_bomb(data)
    for number, slide in enumerate(pptx.Presentation(BytesIO(data)).slides, 1):
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            yield Block(Kind.HEADING, _line(title.text_frame.text), level=2, page=number)
        shapes = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
        yield from _shapes(shapes, number)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            yield Block(Kind.TEXT, slide.notes_slide.notes_text_frame.text, page=number)


def _shapes(shapes: Iterable[BaseShape], page: int) -> Iterator[Block]:
    for shape in sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0)):
        if isinstance(shape, GroupShape):
            yield from _shapes(shape.shapes, page)
        elif isinstance(shape, GraphicFrame) and shape.has_table:
            yield from rows(([cell.text for cell in row.cells] for row in shape.table.rows), page)
        elif shape.has_text_frame:
            yield Block(Kind.TEXT, getattr(shape, "text_frame").text, page=page)  # noqa: B009 - untyped in BaseShape


def _line(text: str) -> str:
    return " ".join(text.split())
