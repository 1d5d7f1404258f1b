"""Which questions and answers may be kept: nothing personal, nothing that leans on a conversation or on the day."""

import re

from faq.followups import leans
from faq.text import normalise
from faq.wording import read
from policies import pii
from policies.privacy import PERSONAL

_POINTS = re.compile(
    r"它|这个|那个|上面|刚才|前面说|之前说|上次|上一个|\b(?:it|this|that|these|those|them|above|earlier)\b",
    re.IGNORECASE,
)
_OF_THE_DAY = re.compile(
    r"今天|今日|今晚|现在|目前|昨天|明天|后天|刚刚|几点了|星期几|\b(?:today|tonight|now|currently|yesterday|tomorrow)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\[[A-Z_]+_\d+\]")  # stands for somebody's number or address


def may_recall(question: str, in_conversation: bool) -> bool:
    """Say whether the question means the same whoever asks it, whenever and after whatever."""
    if _POINTS.search(question) or _OF_THE_DAY.search(question) or personal(question):
        return False
    return len(normalise(question)) > 3 and bool(read(question).heavy) and not (in_conversation and leans(question))


def personal(text: str) -> bool:
    """Say whether a text holds what belongs to one person."""
    return bool(_LABEL.search(text) or pii.find(text, PERSONAL))
