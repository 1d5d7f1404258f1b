"""What is doubtful in rules, though not wrong: told by `check`, and never a reason to refuse them."""

from collections.abc import Iterator, Mapping, Sequence

from policies.evasions import literal_table
from policies.rulebook import Category, Problem, Word
from policies.verdict import Action, Direction

WHOLE_TEXTS_ONLY = ("address",)


def doubts(categories: Sequence[Category], allow: Sequence[Word]) -> tuple[Problem, ...]:
    """Give all that is doubtful, in the order of the files."""
    found: list[Problem] = []
    listed: dict[str, Word] = {}
    for category in categories:
        forms: dict[str, Word] = {}
        for word, form in zip(category.words, _forms(category.words), strict=True):
            found += _of_word(word, form, forms)
            forms.setdefault(form, word)
        listed |= forms
        found += _swallowed(category.allow, forms)
        found += _of_category(category)
    return tuple(sorted([*found, *_swallowed(allow, listed)]))


def _swallowed(allow: Sequence[Word], listed: Mapping[str, Word]) -> Iterator[Problem]:
    """Tell of allowed words that are listed themselves."""
    for word, form in zip(allow, _forms(allow), strict=True):
        if other := listed.get(form):
            text = f"`{word.text}` is allowed and listed at {other.path}:{other.line}, so it never counts; keep one"
            yield Problem(word.path, word.line, text)


def _of_word(word: Word, form: str, forms: dict[str, Word]) -> Iterator[Problem]:
    if not any(map(str.isalnum, form)):
        yield Problem(word.path, word.line, f"`{word.text}` has no letter and hits many ordinary texts; remove it")
    elif len(form) == 1:
        yield Problem(
            word.path, word.line, f"`{word.text}` is one character and hits many ordinary texts; write more of it"
        )
    elif form in forms:
        yield Problem(word.path, word.line, f"`{word.text}` is the same word as in line {forms[form].line}; remove one")


def _of_category(category: Category) -> Iterator[Problem]:
    out = set(category.actions[Direction.OUT].values())
    if out == {Action.PASS} or not (category.phrases or set(WHOLE_TEXTS_ONLY) & set(category.patterns)):
        return
    words = category.phrases or category.words
    path, line = (words[0].path, words[0].line) if words else (category.id, 1)
    yield Problem(
        path, line, f"`{category.id}`: phrases and addresses are looked for on the way in only; write `out: pass`"
    )


def _forms(words: Sequence[Word]) -> list[str]:
    """Fold all words in one call, symbols kept."""
    if not words:
        return []
    return literal_table().fold("\n".join([word.text.replace("\n", " ") for word in words])).split("\n")
