"""One message on its way through the pipeline: what is known of it, and what its steps leave behind."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from adapters.messages import Candidate, Message, Source, Step
from bot.history import Recalled, Turn
from bot.quoting import quoted_turn, quoted_words
from bot.reload import Knowledge
from faq.asking import Asking
from faq.calculation import Form, Outcome
from faq.followups import Asked
from faq.questions import Part
from policies import Direction, Verdict
from policies.hits import HitRecord, record

_RECENT = timedelta(minutes=30)  # after so long nobody leans on what was said before
_LEANT_ON = 2  # turns that a question may lean on


@dataclass
class Case:
    """One message on its way through the pipeline."""

    message: Message
    knowledge: Knowledge
    now: datetime  # where the users are
    asking: Asking
    question: str
    language: str
    turns: tuple[Turn, ...] = ()
    parts: tuple[Part, ...] = ()
    form: Form | None = None  # a calculation that waits for values
    computation: Outcome | None = None  # what the calculator said of the question
    evidence: tuple[Candidate, ...] = ()
    passages: tuple[Recalled, ...] = ()  # what was found in the documents for the question
    suspect: bool = False  # a rule spoke up: no model gets a tool for this message
    offered: set[str] = field(default_factory=set)  # tools that a model was offered for this message
    hits: list[HitRecord] = field(default_factory=list)  # what the word rules found, for staff
    trace: list[Step] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.now.date()

    @property
    def computing(self) -> bool:
        """Does a calculation wait for a value?"""
        return self.form is not None and not self.form.done

    @property
    def refusal(self) -> str:
        """What the calculator says of a computation it has no template for: nothing that an entry may answer."""
        return self.computation.text if self.computation is not None and not self.computation.aside else ""

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, object]]:
        """Time one step; what it puts into the dictionary is shown in the trace."""
        detail: dict[str, object] = {}
        started = time.perf_counter()
        yield detail
        self.trace.append(Step(name, round((time.perf_counter() - started) * 1000, 3), detail))

    def note(self, verdict: Verdict, text: str, direction: Direction) -> None:
        """Keep for staff what the rules found in `text`."""
        if verdict.hits:
            orders = self.knowledge.policy.orders
            self.hits += record(verdict, text, direction, self.message.thread, self.message.received, orders)

    def say(self, key: str) -> str:
        return self.knowledge.phrases.say(key, self.language)

    @cached_property
    def quoted(self) -> Turn | None:
        return quoted_turn(self.message.quote, self.turns)

    @cached_property
    def recent(self) -> tuple[Turn, ...]:
        """The turns that this message may lean on, oldest first, never one that the rules refused.

        That is the one it quotes, however old; none when it quotes somebody else's words; else the last ones.
        """
        if self.message.quote:
            near = [self.quoted] if self.quoted else []
        else:
            near = [turn for turn in self.turns[-_LEANT_ON:] if self.message.received - turn.at <= _RECENT]
        return tuple(turn for turn in near if turn.source != Source.BLOCKED)

    @cached_property
    def before(self) -> tuple[Asked, ...]:
        """The same turns as questions; or the words that are quoted of somebody else."""
        if self.message.quote and self.quoted is None:
            return (Asked(self.knowledge.policy.screen(quoted_words(self.message.quote), Direction.IN).text),)
        return tuple(_asked(turn, self.knowledge) for turn in self.recent)


def _asked(turn: Turn, knowledge: Knowledge) -> Asked:
    """A turn as the entry that answered it; else as it was said, screened, for the history keeps raw texts."""
    if turn.source in (Source.EXACT, Source.FAQ) and turn.knowledge_base and turn.entry:
        entry = knowledge.content.entry(turn.knowledge_base, turn.entry)
        if entry is not None:
            return Asked(entry.question, entry)
    return Asked(knowledge.policy.screen(turn.question, Direction.IN).text)
