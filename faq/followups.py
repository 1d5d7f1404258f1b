"""What a message means after the turns before it: a picked suggestion, or a question that leans on the last one.

No model: rules say that a message leans ("那手续费呢", "它多久到账", "what about exchanges?"); the matcher says
whether it means more together with the question before than alone. A message complete by itself is never touched.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from faq.asking import Asking
from faq.content import Entry
from faq.matching import Band, Decision
from faq.text import normalise

_LAST_TURNS = 2  # how far back a message may lean
_OLDER = 0.8  # what a reading is worth that leans on the turn before the last one
_GOOD = 0.6  # score from which a message that does not say that it leans is complete
_MARKED = 0.5  # what the reading without context is worth when the message says that it leans
_SHORT, _SHORT_WORDS = 8, 5  # characters (Chinese) or words up to which a message may lean without saying so
_LONGEST = 40  # characters of a message that leans, and of the question it leans on
_SPAN, _SPAN_WORDS = 6, 4  # characters or words of a topic that another one replaces

_MARK = re.compile(
    r"^(?:那|要是|如果|它|这个|那个|上面)|呢\W*$|^(?:and|what about|how about)\b|\b(?:it|that|this|them)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(r"^(?:那么|那(?!个)|要是|如果|(?:and|what about|how about|also)\b)\s*", re.IGNORECASE)
_PRONOUN = re.compile(r"它的?|这个|那个|上面的?|\b(?:it|that|this|them)\b", re.IGNORECASE)
_TAIL = re.compile(r"[呢啊呀吧嘛\s\W]+$")

_NUMERALS = "一二三四五六七八九"
_PLACES = {"first": 1, "前": 1, "前面": 1, "second": 2, "third": 3, "last": -1, "最后": -1, "后": -1, "后面": -1}
_CHOOSING = r"(?:我?(?:想|要)?(?:问|选|选择)|就选|那|就|no|number|option)?(?:的?是)?"
_POLITE = r"(?:问题)?(?:怎么[弄办做操作]+|是什么|是啥)?[吧呢啊呀]?(?:please|thanks|谢谢)?"
_PICK = re.compile(rf"{_CHOOSING}第?([1-9{_NUMERALS}])(?:个|条|项|号|种)?{_POLITE}")
_PLACE = re.compile(
    rf"(?:the)?({'|'.join(_PLACES)})(?:one|那?一?[个条项种]){_POLITE}|(?:the)?(first|second|third|last)"
)
_MIDDLE = re.compile(rf"中间(?:那?一?[个条项种]){_POLITE}")
_NAMED = re.compile(rf"(.+?)的?那[个条项种]{_POLITE}|(?:the)?(.+)one")


class Rule(StrEnum):
    """How a message was understood, for the trace."""

    ALONE = "alone"
    REPLACED = "replaced"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question before this one: the matched entry when there is one, for its wording is better than the user's."""

    question: str
    entry: Entry | None = None

    @property
    def phrasings(self) -> tuple[str, ...]:
        return self.entry.phrasings if self.entry else (self.question,)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is meant, by which rule, and what the better reading scores."""

    question: str
    rule: Rule = Rule.ALONE
    score: float = 0.0


def resolve(question: str, before: Sequence[Asked], asking: Asking) -> Resolution:
    """Say what `question` means after the questions `before` (oldest first); matches three wordings at most."""
    alone, said = Resolution(question), _core(question)
    if not before or not said or not leans(question) or asking.exact(question):
        return alone
    marked = bool(_MARK.search(question))
    newest_first = before[: -_LAST_TURNS - 1 : -1] if marked else before[-1:]
    together = [_join(said, context) for context in newest_first]
    asking.foresee([question, *together])
    if not marked and asking.route(question).intent:
        return alone
    bare = asking.match(question)
    if bare.band is Band.ANSWER or (not marked and bare.score >= _GOOD):
        return alone
    for context in newest_first if asking.says(said) else ():
        if replaced := _replace(said, context, asking):
            return Resolution(replaced, Rule.REPLACED, 1.0)
    best, least = alone, bare.score * (_MARKED if marked else 1.0)
    for age, (context, reading) in enumerate(zip(newest_first, together, strict=True)):
        if least >= _OLDER**age:  # no score is above one
            break
        decision = asking.decide(reading, besides=context.entry)
        worth = decision.score * _OLDER**age
        sure = decision.band is Band.ANSWER or marked or bare.band is Band.PASS  # else what is offered stays as it is
        if worth > least and sure and _says_more(decision, context):
            best, least = Resolution(reading, Rule.JOINED, decision.score), worth
    return best


def joined(question: str, before: Sequence[Asked]) -> tuple[str, ...]:
    """The reading that `resolve` tries first of a question that leans on the last one, to be embedded in advance."""
    said = _core(question)
    return (_join(said, before[-1]),) if before and said and leans(question) else ()


def leans(question: str) -> bool:
    """Say whether a message may need the turns before it to be understood."""
    if len(question) > _LONGEST:
        return False
    short = len(question.split()) <= _SHORT_WORDS if question.isascii() else len(normalise(question)) <= _SHORT
    return short or bool(_MARK.search(question))


def _core(question: str) -> str:
    """The message without the words that only say that it leans."""
    said = _LEAD.sub("", _TAIL.sub("", question.strip()))
    return _TAIL.sub("", _PRONOUN.sub("", said)).strip()


def _join(said: str, context: Asked) -> str:
    return f"{said} {context.phrasings[0][:_LONGEST]}"


def _replace(said: str, context: Asked, asking: Asking) -> str | None:
    """Put `said` in the place of a topic: 提现 in 退款多久到账 gives 提现多久到账, if the staff wrote that."""
    for phrasing in context.phrasings:
        for tried in _replacements(phrasing[:_LONGEST], said):
            entry = asking.exact(tried)
            if entry and entry != context.entry:
                return tried
    return None


def _replacements(phrasing: str, said: str) -> Iterator[str]:
    parts, gap, longest = (phrasing.split(), " ", _SPAN_WORDS) if phrasing.isascii() else ([*phrasing], "", _SPAN)
    for start in range(len(parts)):
        for end in range(start + 1, min(len(parts), start + longest) + 1):
            yield gap.join((*parts[:start], said, *parts[end:]))


def _says_more(decision: Decision, context: Asked) -> bool:
    """Is it worth offering, and not merely what was asked before?"""
    return decision.band is not Band.PASS and decision.matches[0].entry != context.entry


def pick(text: str, suggestions: Sequence[str]) -> str | None:
    """Return the suggestion that `text` names: "2", "第二个怎么弄", "最后一个", "充值的那个", or word for word."""
    said = normalise(text)
    for suggestion in suggestions:
        if said == normalise(suggestion):
            return suggestion
    number = _number(said, len(suggestions))
    if number is None:
        return _named(said, suggestions)
    return suggestions[number - 1 if number > 0 else -1] if suggestions and number <= len(suggestions) else None


def _number(said: str, offered: int) -> int | None:
    """The place that is named, 1 for the first and -1 for the last."""
    if chosen := _PICK.fullmatch(said):
        return int(chosen[1]) if chosen[1].isdigit() else _NUMERALS.index(chosen[1]) + 1
    if chosen := _PLACE.fullmatch(said):
        return _PLACES[chosen[1] or chosen[2]]
    return (offered + 1) // 2 if offered % 2 and _MIDDLE.fullmatch(said) else None


def _named(said: str, suggestions: Sequence[str]) -> str | None:
    """The only suggestion that holds the words of "充值的那个"."""
    named = _NAMED.fullmatch(said)
    holding = [suggestion for suggestion in suggestions if named and (named[1] or named[2]) in normalise(suggestion)]
    return holding[0] if len(holding) == 1 else None
