"""Between the model and the user: lets text through as it comes, but no number, mark or word that must not be said.

Held back is only what may still become a number, a citation, the sign of no answer or the canary.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.rag.evidence import Evidence
from bot.rag.passages import Passage
from bot.rag.prompt import NO_ANSWER
from bot.rag.splitting import sentences

LIMIT = 3000  # characters of an answer; a model that never ends is stopped

_MARK = re.compile(r"\s*[\[【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]】]")
_OPEN_TAIL = re.compile(r"(?:\d[\d.,年月/\-\s]*|\s*[\[【][\d\s,，、]*|[零〇一二两三四五六七八九十百千万亿]+|\s+)$")
_TAIL = 64  # characters of the longest number or date
_ENUMERATION = re.compile(r"(?m)^\s*\d{1,2}[.、)）](?!\d)")


class Unanswered(Exception):
    """The model says that the passages hold no answer."""


class Withheld(Exception):
    """The answer must not be shown; the message is the reason for the operator."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A whole answer that may be shown. `cited`: a passage for each [n] in it, in order of first mention."""

    text: str
    cited: tuple[Passage, ...]


class Guard:
    """Checks one answer while it streams."""

    def __init__(self, passages: Sequence[Passage], question: str, secrets: Sequence[str]) -> None:
        self._passages = passages
        self._question = question
        self._evidence = Evidence.of(passages, question)
        self._secrets = tuple(secret for secret in secrets if secret)
        self._raw = ""
        self._shown = 0
        self._numbers: dict[tuple[str, str, int | None], int] = {}  # the place of a passage -> what the user reads

    def feed(self, piece: str) -> str:
        """Take what the model said, give what may be shown now. Raises Withheld, Unanswered."""
        self._raw += piece
        if len(self._raw) > LIMIT:
            raise Withheld("the answer never ends")
        return self._release(len(self._raw) - self._open_tail())

    def finish(self) -> tuple[str, Checked]:
        """Give the rest, and the whole answer judged. Raises Withheld, Unanswered."""
        if not self._raw.strip():
            raise Unanswered
        rest = self._release(len(self._raw))
        self._judge_sentences()
        cited = self._cited() or self._attributed()
        if not cited:
            raise Withheld("cites nothing and nothing carries it")
        return rest, Checked(self._visible(self._raw).strip(), tuple(self._passages[place] for place in cited))

    def _release(self, end: int) -> str:
        """Show up to `end`, if all of it may be shown."""
        text = self._raw[:end]
        if NO_ANSWER in self._raw:
            raise Unanswered
        if any(secret in self._raw for secret in self._secrets):
            raise Withheld("recites its rules")
        if not self._evidence.holds_numbers(_ENUMERATION.sub("", _MARK.sub("", text))):
            raise Withheld("a number that stands in no passage")
        before, after = self._visible(self._raw[: self._shown]), self._visible(text)
        self._shown = max(self._shown, end)
        return after[len(before) :]

    def _open_tail(self) -> int:
        """How many characters at the end may still turn into something that must be judged whole."""
        tail = _OPEN_TAIL.search(self._raw[-_TAIL:])
        prefixes = (_prefix_at_end(self._raw, word) for word in (NO_ANSWER, *self._secrets))
        return max(len(tail[0]) if tail else 0, *prefixes)

    def _visible(self, text: str) -> str:
        """The text with citations counted from 1 as they come; those of passages that do not exist are left out."""
        return _MARK.sub(lambda mark: "".join(f"[{number}]" for number in self._renumbered(mark[1])), text)

    def _renumbered(self, mark: str) -> list[int]:
        passages = [self._passages[place] for place in self._places(mark)]
        places = dict.fromkeys((one.document, one.section, one.page) for one in passages)
        return [self._numbers.setdefault(place, len(self._numbers) + 1) for place in places]

    def _places(self, mark: str) -> list[int]:
        return [place for text in re.findall(r"\d+", mark) if 0 <= (place := int(text) - 1) < len(self._passages)]

    def _judge_sentences(self) -> None:
        for sentence in sentences(_MARK.sub("", self._raw)):
            if not self._evidence.supports(sentence):
                raise Withheld("a sentence that no passage carries")

    def _cited(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(number for mark in _MARK.findall(self._raw) for number in self._places(mark)))

    def _attributed(self) -> tuple[int, ...]:
        """For a model that cites nothing: the passages that carry whole sentences alone."""
        said = [sentence for sentence in sentences(_MARK.sub("", self._raw)) if sentence.strip()]
        alone = [Evidence.of([passage], self._question) for passage in self._passages]
        carriers = [next((n for n, one in enumerate(alone) if one.carries(text)), None) for text in said]
        return tuple(dict.fromkeys(n for n in carriers if n is not None)) if None not in carriers else ()


def _prefix_at_end(text: str, word: str) -> int:
    """The length of the longest beginning of `word` that `text` ends with."""
    longest = min(len(text), len(word) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(word[:length])), 0)
