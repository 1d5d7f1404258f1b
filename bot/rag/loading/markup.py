"""Markdown, HTML and what is made of them (EPUB, notebooks): the words without the furniture of the page."""

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from markdown_it import MarkdownIt
from markdown_it.token import Token
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.rag.loading.faults import refuse_bomb
from bot.rag.loading.plain import decode
from bot.rag.loading.tables import rows
from bot.rag.passages import Block, Kind

_FURNITURE = "script, style, noscript, template, svg, nav, footer, aside, form, button, iframe, dialog"
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {
        *("p", "div", "section", "article", "main", "li", "dt", "dd", "blockquote", "pre"),
        *("td", "th", "figcaption", "summary", "body", "title", "description"),
    }
)
_PROSE = frozenset(("paragraph_open", "bullet_list_open", "ordered_list_open", "blockquote_open"))
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_IMPORT = re.compile(r"^(?:import|export) .*$", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^>\n]*>")
_LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_FENCE = re.compile(r"^\s*(?:```|~~~|:::).*$", re.MULTILINE)
_SIGNS = re.compile(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|^\s*>\s?", re.MULTILINE)


def read_markdown(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Blocks of a Markdown or MDX file; the title of the front matter is the first heading."""
    text = decode(data).replace("\r\n", "\n")
    if matter := _FRONT_MATTER.match(text):
        text = text[matter.end() :]
        if title := _TITLE.search(matter[1]):
            yield Block(Kind.HEADING, title[1], level=1)
    text = _IMPORT.sub("", text)
    lines = text.split("\n")
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    for place, token in enumerate(tokens):
        yield from _markdown_block(token, tokens[place + 1] if place + 1 < len(tokens) else token, lines)


def _markdown_block(token: Token, inner: Token, lines: list[str]) -> Iterator[Block]:
    """What one token at the outer level (or a list item) says."""
    source = "\n".join(lines[slice(*token.map)]) if token.map else ""
    if token.type == "heading_open":
        yield Block(Kind.HEADING, _plain(inner.content), level=int(token.tag[1]))
    elif token.type == "table_open":
        yield from rows(_cells(line) for line in source.split("\n") if not re.fullmatch(r"[\s|:\-]+", line))
    elif token.type == "html_block":
        yield from html_blocks(source)
    elif token.type in {"fence", "code_block"}:
        yield Block(Kind.TEXT, _FENCE.sub("", source).strip("\n"))
    elif token.level == 0 and token.type in _PROSE:
        yield Block(Kind.TEXT, _plain(source))


def _cells(line: str) -> list[str]:
    return [_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _plain(markdown: str) -> str:
    """The words of a piece of Markdown: no addresses of links, no tags, no emphasis."""
    return _SIGNS.sub("", _TAG.sub("", _LINK.sub(r"\1", _FENCE.sub("", markdown)))).strip()


def read_html(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Blocks of a page without navigation, scripts and forms."""
    return html_blocks(decode(_as_utf8(data)))


def _as_utf8(data: bytes) -> bytes:
    """Follow the charset that the page declares, when it is one."""
    declared = re.search(rb"charset=[\"']?([\w-]+)", data[:4096])
    if not declared:
        return data
    try:
        return data.decode(declared[1].decode("ascii")).encode()
    except (LookupError, UnicodeError):
        return data


def html_blocks(text: str) -> Iterator[Block]:
    """Blocks of HTML in reading order."""
    tree = LexborHTMLParser(text)
    title = tree.css_first("title")
    for node in tree.css(_FURNITURE):
        node.decompose()
    if title is not None and (words := _words(title)):
        yield Block(Kind.HEADING, words, level=1)
    if tree.body is not None:
        yield from _walk(tree.body)


def _walk(root: LexborNode) -> Iterator[Block]:
    """Headings, tables and the text between block elements. A stack instead of recursion: pages nest deeply."""
    line: list[str] = []
    stack: list[LexborNode | None] = [root]
    while stack:
        node = stack.pop()
        if node is None or node.tag in _HEADINGS or node.tag == "table" or node.tag in _BLOCKS or node.tag == "br":
            if text := " ".join("".join(line).split()):
                yield Block(Kind.TEXT, text)
            line = []
        if node is None:
            continue
        if node.tag in _HEADINGS:
            yield Block(Kind.HEADING, _words(node), level=_HEADINGS[node.tag])
        elif node.tag == "table" and not node.css("table table"):
            yield from rows(_html_table(node))
        elif node.is_text_node:
            line.append(node.text_content or "")
        else:
            stack += [None] if node.tag in _BLOCKS else []
            stack += reversed(list(node.iter(include_text=True)))
    if text := " ".join("".join(line).split()):
        yield Block(Kind.TEXT, text)


def _html_table(table: LexborNode) -> Iterator[list[str]]:
    return ([_words(cell) for cell in row.css("td, th")] for row in table.css("tr"))


def _words(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())


def read_epub(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Chapters of an e-book, in the order of their names."""
    refuse_bomb(data)
    with zipfile.ZipFile(BytesIO(data)) as book:
        for name in sorted(book.namelist()):
            if name.endswith((".xhtml", ".html", ".htm")):
                yield from html_blocks(decode(book.read(name)))


def read_notebook(data: bytes, notes: list[str]) -> Iterator[Block]:
    """Cells of a notebook: text as Markdown, code as it stands."""
    for cell in json.loads(decode(data)).get("cells", ()):
        source = "".join(cell.get("source", ()))
        if cell.get("cell_type") == "markdown":
            yield from read_markdown(source.encode(), notes)
        else:
            yield Block(Kind.TEXT, source)
