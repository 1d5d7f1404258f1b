"""What an import would do to the content: which rows are new, the same, different, or cannot be taken, and why.

Nothing is read or written here: texts in, a Plan out, and the texts of a Plan load.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import PurePath

from faq.content import Content, ContentError, Entry, Place, Problem, assemble, id_fault
from faq.importing.rows import Row
from faq.importing.writing import changed_text, new_text
from faq.text import fold, normalise

AUTOMATIC_ID_LIMIT = 40  # characters of a question that become its id

Key = tuple[str, str]  # knowledge base, id


class Outcome(StrEnum):
    """What becomes of one row."""

    NEW = "new"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    CONFLICTING = "conflicting"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Plan:
    """`texts`: path -> new text of every file that changes. `outcomes`: knowledge base -> outcome -> rows."""

    texts: Mapping[str, str]
    outcomes: Mapping[str, Counter[Outcome]]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Merge:
    """The state of one plan. `owners`: normalised phrasing -> the entry that has it and where."""

    existing: Mapping[Key, Entry]
    calculations: Mapping[Key, Place]
    replacing: bool
    owners: dict[str, tuple[Key, Place]] = field(default_factory=dict)
    outcomes: dict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, place: Place, text: str) -> None:
        self.problems.append(Problem(place, text))

    def warn(self, place: Place, text: str) -> None:
        self.problems.append(Problem(place, text, warning=True))


def plan(
    sources: Mapping[str, str], rows: Iterable[Row], folder: str, knowledge_base: str, *, replacing: bool = False
) -> Plan:
    """What importing `rows` into the content of `sources` (path -> text) does.

    Rows that name no knowledge base go into `knowledge_base`; new ones become a file in `folder`. An entry of the same
    id and other content is a conflict, left as it is unless `replacing`. Raises ContentError when the content of
    `sources` is wrong already, or cannot take the rows.
    """
    content = assemble(sources) if sources else Content((), "")
    existing = {(entry.knowledge_base, entry.id): entry for entry in content.entries}
    calculations = {(base.id, item.id): item.place for base in content.knowledge_bases for item in base.calculations}
    merge = _Merge(existing, calculations, replacing)
    keyed = _keyed(rows, knowledge_base, merge)
    _own(content, keyed, merge)
    drafts = [_draft(key, row, merge) for key, row in _asked(keyed, merge)]
    written = [draft for draft in drafts if _decide(draft, merge)]
    texts = dict(_texts(content, sources, written, folder))
    _verify(assemble({**sources, **texts}), merge.existing, written)
    return Plan(texts, merge.outcomes, tuple(sorted(merge.problems, key=lambda problem: problem.place)))


def _keyed(rows: Iterable[Row], knowledge_base: str, merge: _Merge) -> dict[Key, Row]:
    """Every row by the entry it is; an id that an earlier row has is told."""
    named = {(base, normalise(entry.question)): entry.id for (base, _), entry in merge.existing.items()}
    keyed: dict[Key, Row] = {}
    ids = dict(merge.calculations)
    for row in rows:
        base = row.knowledge_base or knowledge_base
        id = row.id or named.get((base, normalise(row.question))) or automatic_id(row.question)
        if not normalise(row.question):
            _skip(row, base, "the question has no letter or digit that could be compared; write it in words", merge)
        elif (base, id) in ids:
            _skip(row, base, f"id {id} is already at {ids[base, id]}; choose another", merge)
        else:
            keyed[base, id], ids[base, id] = row, row.place
    return keyed


def automatic_id(question: str) -> str:
    """A readable id that another import of the same question gives again."""
    words = fold(question).replace(" ", "-")
    if len(words) <= AUTOMATIC_ID_LIMIT and not id_fault(words):
        return words
    start = re.sub(r"\W+", "-", words)[: AUTOMATIC_ID_LIMIT - 9].strip("-")
    return f"{start}-{hashlib.sha256(words.encode()).hexdigest()[:8]}".lstrip("-")


def _own(content: Content, keyed: Mapping[Key, Row], merge: _Merge) -> None:
    """What is asked already keeps its owner, except in entries that rows replace."""
    for base in content.knowledge_bases:
        for item in base.answering:
            key = (base.id, item.id)
            if merge.replacing and key in keyed:
                continue
            for phrasing in item.phrasings:
                merge.owners.setdefault(normalise(phrasing), (key, item.place_of(phrasing)))


def _asked(keyed: Mapping[Key, Row], merge: _Merge) -> list[tuple[Key, Row]]:
    """The rows whose question nobody else asks. Questions go before variants, whatever the order of rows."""
    taken = []
    for key, row in keyed.items():
        owner, place = merge.owners.setdefault(normalise(row.question), (key, row.place))
        if owner == key:
            taken.append((key, row))
        else:
            _skip(row, key[0], f"{row.question!r} is already at {place}; a question has one answer", merge)
    return taken


def _draft(key: Key, row: Row, merge: _Merge) -> Entry:
    """The entry as the row has it; what the row does not speak of stays as it was."""
    base, id = key
    before = merge.existing.get(key) or Entry(base, id, "", (), (), "", {}, None, None, (), row.place)
    valid_from, valid_until = row.valid or (before.valid_from, before.valid_until)
    variants = tuple(_variants(key, row, before.variants, merge))
    return Entry(
        id=id,
        knowledge_base=base,
        question=row.question,
        variants=variants,
        negatives=tuple(_negatives(row, before.negatives, variants, merge)),
        answer=row.answer,
        answers=before.answers if row.answers is None else row.answers,
        valid_from=valid_from,
        valid_until=valid_until,
        examples=before.examples if row.examples is None else row.examples,
        place=row.place,
    )


def _variants(key: Key, row: Row, before: tuple[str, ...], merge: _Merge) -> Iterator[str]:
    """The variants that say something of their own; the others are told and dropped, the row is not."""
    said = {normalise(row.question)}
    for variant in before if row.variants is None else row.variants:
        same = normalise(variant)
        owner, place = merge.owners.setdefault(same, (key, row.place))
        if not same:
            merge.warn(row.place, f"variant {variant!r} dropped: it has no letter or digit")
        elif owner != key:
            merge.warn(row.place, f"variant {variant!r} dropped: it is already at {place}")
        elif same in said:
            merge.warn(row.place, f"variant {variant!r} dropped: it repeats another phrasing of the row")
        else:
            said.add(same)
            yield variant


def _negatives(row: Row, before: tuple[str, ...], variants: tuple[str, ...], merge: _Merge) -> Iterator[str]:
    said = {normalise(phrasing) for phrasing in (row.question, *variants)}
    for negative in before if row.negatives is None else dict.fromkeys(row.negatives):
        if normalise(negative) in said:
            merge.warn(row.place, f"negative {negative!r} dropped: it is a phrasing of the row itself")
        else:
            yield negative


def _decide(draft: Entry, merge: _Merge) -> bool:
    """Count what becomes of a draft; whether it is written."""
    before = merge.existing.get((draft.knowledge_base, draft.id))
    different = _differences(before, draft) if before else []
    if before is None:
        outcome = Outcome.NEW
    elif not different:
        outcome = Outcome.UNCHANGED
    elif merge.replacing:
        outcome = Outcome.REPLACED
    else:
        outcome = Outcome.CONFLICTING
        merge.refuse(
            draft.place,
            f"{draft.id} differs from {before.place} in {', '.join(different)}; --replace takes what is imported",
        )
    merge.outcomes[draft.knowledge_base][outcome] += 1
    return outcome in (Outcome.NEW, Outcome.REPLACED)


def _differences(before: Entry, draft: Entry) -> list[str]:
    """The fields that say something else; a variant that only repeats its own entry says nothing."""
    distinct: dict[str, str] = {}
    for phrasing in before.phrasings:
        distinct.setdefault(normalise(phrasing), phrasing)
    before = replace(before, variants=tuple(distinct.values())[1:])
    compared = (item.name for item in fields(Entry) if item.compare)
    return [name for name in compared if getattr(before, name) != getattr(draft, name)]


def _skip(row: Row, knowledge_base: str, reason: str, merge: _Merge) -> None:
    merge.outcomes[knowledge_base][Outcome.SKIPPED] += 1
    merge.refuse(row.place, f"row skipped: {reason}")


def _texts(
    content: Content, sources: Mapping[str, str], written: Iterable[Entry], folder: str
) -> Iterator[tuple[str, str]]:
    """(path, new text) of every knowledge base that is written to."""
    bases = {base.id: base for base in content.knowledge_bases}
    drafts: dict[str, list[Entry]] = defaultdict(list)
    for draft in written:
        drafts[draft.knowledge_base].append(draft)
    for name, items in drafts.items():
        if base := bases.get(name):
            known = {entry.id for entry in base.entries}
            added = [draft for draft in items if draft.id not in known]
            replaced = {draft.id: draft for draft in items if draft.id in known}
            path = base.place.path
            yield path, changed_text(sources[path], path, added, replaced)
        else:
            yield _new_path(folder, name, sources), new_text(name, items)


def _new_path(folder: str, name: str, sources: Mapping[str, str]) -> str:
    path = str(PurePath(folder) / f"{name}.yaml")
    if path in sources:
        problem = Problem(
            Place(path, 1), f"holds another knowledge base than {name}, which would be written here; rename it"
        )
        raise ContentError((problem,))
    return path


def _verify(after: Content, existing: Mapping[Key, Entry], written: Iterable[Entry]) -> None:
    """That the new texts say what is meant, to the letter, and of every other entry what they said before."""
    meant = {**existing, **{(draft.knowledge_base, draft.id): draft for draft in written}}
    for entry in after.entries:
        key = (entry.knowledge_base, entry.id)
        if meant.pop(key, None) != entry:
            raise ContentError(
                (Problem(entry.place, f"{entry.id} would not be written as it is meant; nothing is written"),)
            )
    assert not meant, "no entry is lost"
