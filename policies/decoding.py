"""Texts in the codes of web pages read as what they say: &#36172;, %E8%B5%8C, \\u8d4c. Whole texts only."""

import html
import re
from urllib.parse import unquote

from policies.readings import Reading
from policies.words import Span

_CODE = re.compile(r"&#?[0-9A-Za-z]{2,8};|(?:%[0-9A-Fa-f]{2})+|\\u[0-9A-Fa-f]{4}")


class Decoded:
    """Finds the words of a reading in the decoded text; places are those of the codes."""

    name = "encoded"

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def find(self, text: str) -> list[Span]:
        """Find every word that shows itself only when the codes of `text` are decoded."""
        if not _CODE.search(text):
            return []
        decoded, places = decode(text)
        return [
            (places[start][0], places[end - 1][1], number)
            for start, end, number in self._reading.find(decoded)
            if text[places[start][0] : places[end - 1][1]] != decoded[start:end]
        ]


def decode(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Give the decoded text and for each of its characters the (start, end) in `text` that it stands for."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    done = 0
    for match in _CODE.finditer(text):
        meaning = _decode(match[0])
        pieces += [text[done : match.start()], meaning]
        places += [(place, place + 1) for place in range(done, match.start())]
        places += [match.span()] * len(meaning)
        done = match.end()
    places += [(place, place + 1) for place in range(done, len(text))]
    return "".join([*pieces, text[done:]]), places


def _decode(code: str) -> str:
    if code.startswith("&"):
        return html.unescape(code)
    return unquote(code) if code.startswith("%") else chr(int(code[2:], 16))
