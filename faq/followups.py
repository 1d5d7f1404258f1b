"""What a message means after the turns before it: a picked suggestion, a follow-up, several questions at once.

No model: a follow-up is joined with the question before it, both are matched, and the surer one counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from faq.matching import Band, Decision, Matcher
from faq.text import LIMIT, fold, normalise

_GAIN = 0.1  # by how much surer the joined question must be
_SHORT = 7  # characters of a question that hardly stands alone
_ASKABLE = 4  # characters that make a question
_SENTENCE = re.compile(r"[^？?！!。；;\n]+[？?！!。；;\n]*")
_POINTING = re.compile(
    r"^(?:那么?|还有|另外|然后|如果|要是|and |what about |how about |then )+"
    r"|(?:它|他|她|这个|那个|这种|那种|这样|上面|刚才|刚刚说)的?|呢$|\bit\b|\bthat\b"
)
_ASKING = re.compile(
    r"怎么样?|如何|怎样|多久|多少钱?|什么时候|为什么|能不能|可以|需要|[吗呢啊呀么]$"
    r"|how (?:do|can|to)|when|what|is|can i|please|请问|想问一?下"
)
_NUMERALS = "一二三四五六七八九"
_ENGLISH = {"first": 1, "second": 2, "third": 3, "last": -1}
_PICK = re.compile(
    r"(?:我?选|选择|就选|no|number|option)?第?([1-9一二三四五六七八九])(?:个|条|项|号|种)?(?:问题)?[吧呢啊呀]?"
)
_ENGLISH_PICK = re.compile(r"(?:the)?(first|second|third|last)(?:one)?")


def pick(text: str, suggestions: Sequence[str]) -> str | None:
    """Return the suggestion that `text` names by number ("2", "第二个", "②", "最后一个") or word for word."""
    said = normalise(text)
    for suggestion in suggestions:
        if said == normalise(suggestion):
            return suggestion
    number = _number(said)
    if number is None or not suggestions or number > len(suggestions):
        return None
    return suggestions[number - 1 if number > 0 else -1]


def _number(said: str) -> int | None:
    if said in {"最后一个", "最后那个", "最后一条", "最后一项"}:
        return -1
    if chosen := _PICK.fullmatch(said):
        return int(chosen[1]) if chosen[1].isdigit() else _NUMERALS.index(chosen[1]) + 1
    if chosen := _ENGLISH_PICK.fullmatch(said):
        return _ENGLISH[chosen[1]]
    return None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was asked once the turns before are taken in; `followed` when it differs from the bare question."""

    question: str
    decision: Decision
    followed: bool = False


def resolve(question: str, earlier: Sequence[str], matcher: Matcher, day: date) -> Resolved:
    """Match `question`, after the user's `earlier` questions (oldest first), as what it most surely means.

    A question that is answered by itself stays as it is; so does one that does not look like a follow-up.
    """
    bare = Resolved(question, matcher.match(question, day))
    if bare.decision.band is Band.ANSWER or not earlier or not looks_like_follow_up(question):
        return bare
    joined = [Resolved(text, matcher.match(text, day), True) for text in _joined(question, earlier[-1])]
    best = max([bare, *joined], key=_surely)
    return best if _surely(best) >= _surely(bare) + _GAIN else bare


def looks_like_follow_up(question: str) -> bool:
    """Say whether a question points at something said before, or is too short to stand alone."""
    text = fold(question[:LIMIT])
    return bool(_POINTING.search(text)) or len(text) <= _SHORT


def split(text: str) -> tuple[str, ...]:
    """Part a message at its question marks, line breaks and full stops; parts too short to be asked join the next."""
    parts: list[str] = []
    pending = ""
    for sentence in _SENTENCE.findall(text[:LIMIT]):
        pending = f"{pending}{sentence}".strip()
        if len(normalise(pending)) >= _ASKABLE:
            parts.append(pending)
            pending = ""
    if pending and parts:
        parts[-1] = f"{parts[-1]} {pending}"
    return tuple(parts) if len(parts) > 1 else (text,)


def several(text: str, matcher: Matcher, day: date) -> tuple[tuple[str, Decision], ...]:
    """Give the questions of a message with their decisions; one part, the whole, unless two parts are answered.

    Parts that land on one entry are one question.
    """
    parts = [(part, matcher.match(part, day)) for part in split(text)]
    answered = {one.matches[0].entry.id for _, one in parts if one.band is Band.ANSWER}
    if len(answered) < 2:
        return ((text, parts[0][1] if len(parts) == 1 else matcher.match(text, day)),)
    seen: set[str] = set()
    kept = []
    for part, decision in parts:
        entry = decision.matches[0].entry.id if decision.band is Band.ANSWER else part
        if entry not in seen:
            seen.add(entry)
            kept.append((part, decision))
    return tuple(kept)


def _joined(question: str, before: str) -> list[str]:
    """Ways in which a follow-up and the question before it make one question."""
    topic, rest = _ASKING.sub("", fold(before[:LIMIT])), _POINTING.sub("", fold(question[:LIMIT]))
    return [f"{topic}{rest}", f"{fold(before[:LIMIT])} {rest}"]


def _surely(resolved: Resolved) -> float:
    return resolved.decision.matches[0].score if resolved.decision.matches else 0.0
