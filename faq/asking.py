"""One message's way of asking the content: every step asks the same thing once.

Follow-ups and messages of several questions try several wordings; what was tried is kept until the message is answered.
"""

from collections.abc import Sequence
from datetime import date

from faq.content import Entry
from faq.index import Question
from faq.matching import Band, Decision, Match, Matcher
from faq.routing import Route, Router


class Asking:
    """What the content says on one day. Kept for one message only, so what it remembers stays small."""

    def __init__(self, matcher: Matcher, router: Router, day: date) -> None:
        self._matcher, self._router, self._day = matcher, router, day
        self._exact: dict[str, Entry | None] = {}
        self._read: dict[str, Question] = {}
        self._routes: dict[str, Route] = {}
        self._decisions: dict[str, Decision] = {}

    def exact(self, question: str) -> Entry | None:
        """Give the entry that the staff wrote in these words."""
        if question not in self._exact:
            self._exact[question] = self._matcher.exact(question, self._day)
        return self._exact[question]

    def says(self, words: str) -> bool:
        """Whether the staff wrote these words somewhere in a question."""
        return self._matcher.says(words)

    def route(self, question: str) -> Route:
        if question not in self._routes:
            self._routes[question] = self._router.route(question)
        return self._routes[question]

    def foresee(self, questions: Sequence[str]) -> None:
        """Tell what will be matched: questions read together cost half as much as one by one."""
        foresee([(self, questions)])

    def texts(self, questions: Sequence[str]) -> list[str]:
        """What an embedder has to know before these questions are routed and matched without delay."""
        return [text for question in questions for text in (question, self._matcher.reads(question))]

    def match(self, question: str, besides: Entry | None = None) -> Decision:
        """Decide among the entries of the knowledge bases that the question is routed to, the entry `besides` apart.

        The same question decides the same from then on.
        """
        if question not in self._decisions:
            bases = self.route(question).knowledge_bases or None
            self._decisions[question] = self._matcher.match(
                question, self._day, bases, besides, read=self._read.get(question)
            )
        return self._decisions[question]

    def decide(self, question: str, besides: Entry | None = None) -> Decision:
        """As `match`, but what the staff wrote in these words is certain."""
        entry = self.exact(question)
        return Decision(Band.ANSWER, (Match(entry, 1.0, 1.0, question),)) if entry else self.match(question, besides)

    @property
    def matched(self) -> int:
        """How many questions were matched so far."""
        return len(self._decisions)


def foresee(asked: Sequence[tuple[Asking, Sequence[str]]]) -> None:
    """Read and route together what messages are about to ask, of one content or, around a change of it, of two."""
    by_content: dict[tuple[Matcher, Router], list[tuple[Asking, str]]] = {}
    for asking, questions in asked:
        for question in questions:
            if question not in asking._read:
                by_content.setdefault((asking._matcher, asking._router), []).append((asking, question))
    for (matcher, router), unread in by_content.items():
        texts = list(dict.fromkeys(question for _, question in unread))
        known = dict(zip(texts, zip(matcher.foresee(texts), router.routes(texts), strict=True), strict=True))
        for asking, question in unread:
            asking._read[question], asking._routes[question] = known[question]
