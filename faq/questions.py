"""One message, several questions: where it parts, and whether the parts may be answered one by one.

A message is parted only when its parts stand as questions of their own; "没收到货，怎么申请退款" is one question. Each
part may lean on the turns before and on the parts before it: "怎么充值余额。多久到账？".
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from faq.asking import Asking
from faq.content import Entry
from faq.followups import Asked, joined, resolve
from faq.matching import Band, Decision
from faq.text import LIMIT, normalise

_MOST = 5  # parts of a message; what has more is a text, not questions
_LIKELY = 0.5  # score of every part of a message that is parted where a question need not end
_LETTERS, _WORDS = 3, 3  # of a part that can be a question

_MARKS = r"[？?！!。；;\n]+|\.(?=\s|$)|(?<!\d)/(?!\d)"
_NUMBERS = (
    r"(?:^|(?<=[\s：:，,；;。？?]))"
    r"(?:[1-9][.、)）](?!\d)|[一二三四五][、.]|第[一二三四五][，,、：:]|[(（][1-9一二三四五][)）])"
)
_CONNECTIVES = (
    r"[，,]?\s*(?:还有(?:就是)?|另外|此外|以及|而且|并且|顺便(?:问一?下)?|顺带|然后再?问一?下|再(?:问|请教)一?[下个]?)[，,]?"
    r"|,?\s*\b(?:and also|also|and then|by the way|in addition)\b,?"
)
_SURE_END = re.compile(f"{_MARKS}|{_NUMBERS}|{_CONNECTIVES}", re.IGNORECASE)
_PERHAPS_END = re.compile(r"[，,、]|(?<=[一-鿿])\s+(?=[一-鿿])|(?<=[一-鿿])[和跟](?=[一-鿿])|\band\b", re.IGNORECASE)
_COURTESY = re.compile(
    r"^(?:(?:你好|您好|在吗|亲|谢谢|多谢|麻烦了?|拜托|急|hi|hello|thanks|thank you|please)\b[\s，,：:!！]*)+"
    r"|^(?:请问|(?:麻烦|想|我想)?问一?下|我?想?问[几两三四2-5]个问题|and\b)[\s，,：:]*",
    re.IGNORECASE,
)
_EDGE = re.compile(r"^[\s，,：:、]+|[\s，,：:、.]+$")
_ASKS = re.compile(
    r"怎么|如何|怎样|吗|呢|多少|多久|几|什么|哪|谁|能|可以|有没有|是不是|我想|我要"
    r"|\b(?:how|what|when|where|which|who|why|can|do|does|is|are|will|could)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message: as it was said, as it was understood, and the decision about it."""

    said: str
    question: str
    decision: Decision

    @property
    def entry(self) -> Entry | None:
        """The likeliest entry, in the bands ANSWER and SUGGEST."""
        return None if self.decision.band is Band.PASS else self.decision.matches[0].entry

    @property
    def score(self) -> float:
        return self.decision.score


def part(message: str, before: Sequence[Asked], asking: Asking) -> tuple[Part, ...]:
    """Give the questions of `message`, in order and with distinct entries; none when it is one question.

    At least one of them is answered (band ANSWER); the others are answered, offered, or plainly ask what is not known.
    Each is surer than an answer to the message as a whole. No chat ("真的太感谢你了，帮了我大忙") is parted at a comma.
    """
    if len(message) > LIMIT or asking.exact(message):
        return ()
    sure, perhaps = _take_apart(message)
    if len(perhaps) < 2:
        return ()
    asking.foresee([message, *_first(sure, perhaps)])
    whole = asking.match(message)
    least = whole.score if whole.band is Band.ANSWER else -1.0
    ask = len(sure) > 1 and all(_stands(piece, asking) for piece in sure)
    if ask and (parts := _surer(least, _read(sure, before, asking))):
        return parts
    if not len(sure) < len(perhaps) <= _MOST or _tells(perhaps) or asking.route(message).intent:
        return ()
    if asking.decide(perhaps[0]).score < _LIKELY:
        return ()  # the common case: a comma within one question costs one match
    return _surer(max(least, _LIKELY), _read(perhaps, before, asking))


def wordings(message: str, before: Sequence[Asked], asking: Asking) -> tuple[str, ...]:
    """What `part` and `resolve` are about to match of this message, to be embedded in advance."""
    if len(message) > LIMIT or asking.exact(message):
        return ()
    return (message, *(_first(*_take_apart(message)) or joined(message, before)))


@functools.lru_cache(maxsize=64)  # `wordings` and `part` ask for the same message
def _take_apart(message: str) -> tuple[Sequence[str], Sequence[str]]:
    """The pieces between ends that are sure, and between all that may be ends; none of what is a text."""
    sure = [*_pieces(message, _SURE_END)]
    if len(sure) > _MOST:
        return (), ()
    return sure, [piece for long in sure for piece in _pieces(long, _PERHAPS_END)]


def _first(sure: Sequence[str], perhaps: Sequence[str]) -> Sequence[str]:
    """The pieces that are read first, when there are several."""
    return sure if len(sure) > 1 else perhaps[:1] if len(perhaps) > 1 else ()


def _pieces(text: str, end: re.Pattern[str]) -> Iterator[str]:
    """Part `text` at its ends, without courtesies and without what is too short to be a question."""
    for raw in end.split(text):
        piece = _EDGE.sub("", _COURTESY.sub("", _EDGE.sub("", raw)))
        if len(piece.split()) >= _WORDS if piece.isascii() else len(normalise(piece)) >= _LETTERS:
            yield piece


def _stands(piece: str, asking: Asking) -> bool:
    """Is it a question, or something that the staff answer?"""
    return bool(_ASKS.search(piece)) or asking.decide(piece).band is Band.ANSWER


def _tells(pieces: Sequence[str]) -> bool:
    """Do only some of the pieces ask? The others tell about them: "没收到货，怎么申请退款"."""
    return len({bool(_ASKS.search(piece)) for piece in pieces}) > 1


def _read(pieces: Sequence[str], before: Sequence[Asked], asking: Asking) -> Iterator[Part]:
    """Understand each piece after the turns and the pieces before it."""
    asked = [*before]
    for piece in pieces:
        question = resolve(piece, asked, asking).question
        one = Part(piece, question, asking.decide(question))
        asked.append(Asked(piece, one.entry))
        yield one


def _surer(least: float, parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts, when they are several, one is answered and each is surer than `least`; one unsure ends the reading."""
    read = []
    for one in parts:
        if one.score <= least:
            return ()
        read.append(one)
    several = _distinct(read)
    return several if len(several) > 1 and any(one.decision.band is Band.ANSWER for one in several) else ()


def _distinct(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Keep the first of the parts with one entry: who asks twice in other words is answered once."""
    firsts: dict[object, Part] = {}
    for one in parts:
        firsts.setdefault((one.entry.knowledge_base, one.entry.id) if one.entry else one.said, one)
    return tuple(firsts.values())
