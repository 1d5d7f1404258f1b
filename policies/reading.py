"""Reads the YAML rule files of a folder into a Rulebook, strictly, with all errors at once.

Every scalar is taken as the text that was written: `no`, `1989` and `6` are words, not a boolean and numbers.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from policies import segmentation, wordlist
from policies.lint import doubts
from policies.phrases import wrong
from policies.rulebook import (
    LEVELS,
    LONGEST_PHRASE,
    LONGEST_WORD,
    PATTERNS,
    READINGS,
    USUAL,
    Actions,
    Category,
    Problem,
    Rulebook,
    RulesError,
    Word,
    short,
)
from policies.verdict import Action, Direction

KEYS = (
    "category", "title", "in", "out", "reply", "mask", "readings", "whole_words",
    "words", "ambiguous", "ambiguous_up_to", "lists", "allow", "allow_lists", "patterns", "orders", "phrases",
)  # fmt: skip


UP_TO = ("1", "2", "3")
_ORDER = re.compile(r"[A-Za-z0-9#@-]{4,40}")


def read(directory: Path) -> Rulebook:
    """Read every *.yaml of `directory`. Raises RulesError with all that is wrong."""
    reader = Reader(directory)
    files = sorted(directory.glob("*.yaml"))
    if not files:
        raise RulesError((Problem(str(directory), 1, "no *.yaml here; copy policies/rules or name another folder"),))
    for file in files:
        reader.read(file)
    return reader.rulebook()


class Reader:
    """Gathers categories and problems, file by file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.problems: list[Problem] = []
        self.categories: dict[str, Category] = {}
        self.allow: list[Word] = []
        self.up_to: dict[str, int] = {}  # by category: Chinese words of at most so many characters are ambiguous
        self.elsewhere: list[wordlist.Listed] = []  # lines of lists that name another category
        self.path = ""

    def read(self, file: Path) -> None:
        """Read one YAML file: a category, or (without `category`) words allowed for all categories."""
        self.path = str(file)
        node = self._compose(file)
        if node is None:
            return
        keys = self._mapping(node, KEYS)
        if "category" in keys:
            self._category(keys, _line(node))
        elif set(keys) - {"allow", "allow_lists"}:
            self.report(node, "no `category`; write `category: name` at the top (only `allow` may stand alone)")
        else:
            self.allow += self._allow(keys)

    def rulebook(self) -> Rulebook:
        """Give what was read. Raises RulesError when anything was wrong."""
        for word, name in self.elsewhere:
            if name not in self.categories:
                self.problems.append(Problem(word.path, word.line, _unknown(name, tuple(self.categories))))
        if self.problems:
            raise RulesError(tuple(sorted(self.problems)))
        categories = tuple(map(self._with_lists, self.categories.values()))
        return Rulebook(categories, tuple(self.allow), doubts(categories, self.allow))

    def _with_lists(self, category: Category) -> Category:
        words = (*category.words, *[word for word, name in self.elsewhere if name == category.id])
        ambiguous = category.ambiguous | short(words, self.up_to.get(category.id, 0))
        return replace(category, words=words, ambiguous=ambiguous)

    def report(self, node: Node, text: str) -> None:
        self.problems.append(Problem(self.path, _line(node), text))

    def _compose(self, file: Path) -> Node | None:
        try:
            node: Node | None = YAML(typ="safe", pure=True).compose(file.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            self.problems.append(Problem(self.path, line, "not UTF-8, perhaps GBK; save it as UTF-8"))
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self.problems.append(Problem(self.path, mark.line + 1 if mark else 1, f"no valid YAML: {error.problem}"))
        except (YAMLError, OSError) as error:
            self.problems.append(Problem(self.path, 1, f"cannot be read: {str(error).splitlines()[0]}"))
        else:
            if node is None:
                self.problems.append(Problem(self.path, 1, "empty; write `category: name` and its `words`"))
            return node
        return None

    def _category(self, keys: dict[str, Node], line: int) -> None:
        name = self._text(keys["category"])
        if name in self.categories:
            self.report(keys["category"], f"category `{name}` is in another file too; give it another name")
        ambiguous = self._words(self._segmented(keys.get("ambiguous")))
        if node := self._segmented(keys.get("ambiguous_up_to")):
            self.up_to[name] = int(self._choice(node, UP_TO) or 0)
        self.categories[name] = Category(
            id=name,
            title=self._text(keys["title"]) if "title" in keys else name,
            actions={side: self._actions(keys.get(side), side) for side in Direction},
            reply=self._text(keys["reply"]) if "reply" in keys else None,
            mask=self._text(keys["mask"]) if "mask" in keys else "*",
            readings=frozenset(self._choices(keys.get("readings"), READINGS)),
            whole_words=self._choice(keys["whole_words"], ("yes", "no")) != "no" if "whole_words" in keys else True,
            words=(*self._words(keys.get("words")), *ambiguous, *self._lists(keys.get("lists"), name)),
            allow=tuple(self._allow(keys)),
            patterns=tuple(self._choices(keys.get("patterns"), PATTERNS)),
            orders=tuple(self._order(item) for item in self._items(keys.get("orders"))),
            phrases=tuple(self._phrases(keys.get("phrases"))),
            ambiguous=frozenset(word.text for word in ambiguous),
        )
        if not {"words", "ambiguous", "lists", "patterns", "orders", "phrases"} & set(keys):
            self.problems.append(
                Problem(self.path, line, "nothing to look for; write `words:`, `lists:` or `patterns:`")
            )

    def _mapping(self, node: Node, allowed: tuple[str, ...]) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self.report(node, "not `key: value` pairs; write `category: name` and so on")
            return {}
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in found:
                self.report(key, f"`{name}` twice; keep one")
            elif name not in allowed:
                near = get_close_matches(name, allowed, 1)
                self.report(
                    key, f"unknown key `{name}`; " + (f"write `{near[0]}`" if near else f"known: {', '.join(allowed)}")
                )
            else:
                found[name] = value
        return found

    def _text(self, node: Node) -> str:
        if isinstance(node, ScalarNode) and str(node.value).strip():
            return str(node.value).strip()
        self.report(node, "empty or not a text; write one text")
        return ""

    def _items(self, node: Node | None) -> Iterator[Node]:
        if isinstance(node, SequenceNode):
            yield from node.value
        elif node is not None:
            self.report(node, "not a list; write `[one, two]` or one `- item` a line")

    def _choices(self, node: Node | None, allowed: tuple[str, ...]) -> list[str]:
        chosen = [self._choice(item, allowed) for item in self._items(node)]
        return [choice for choice in chosen if choice]

    def _choice(self, node: Node, allowed: tuple[str, ...]) -> str:
        text = self._text(node)
        if not text or text in allowed:
            return text
        self.report(node, _unknown(text, allowed))
        return ""

    def _actions(self, node: Node | None, side: Direction) -> Actions:
        if node is None:
            return dict.fromkeys(LEVELS, Action.BLOCK if side is Direction.IN else Action.MASK)
        if not isinstance(node, MappingNode):
            return dict.fromkeys(LEVELS, self._action(node))
        levels = self._mapping(node, tuple(map(str, LEVELS)))
        return {level: self._action(levels[str(level)]) if str(level) in levels else Action.PASS for level in LEVELS}

    def _action(self, node: Node) -> Action:
        return Action(self._choice(node, tuple(Action)) or Action.PASS)

    def _words(self, node: Node | None, longest: int = LONGEST_WORD) -> list[Word]:
        words = [self._word(item, longest) for item in self._items(node)]
        return [word for word in words if word.text]

    def _word(self, node: Node, longest: int) -> Word:
        if not isinstance(node, MappingNode):
            return self._listed(node, USUAL, longest)
        keys = self._mapping(node, ("word", "level"))
        if "word" not in keys:
            self.report(node, "no `word`; write `{word: …, level: 1}`")
            return Word("", USUAL, self.path, _line(node))
        level = self._choice(keys["level"], tuple(map(str, LEVELS))) if "level" in keys else ""
        return self._listed(keys["word"], int(level or USUAL), longest)

    def _listed(self, node: Node, level: int, longest: int) -> Word:
        text = self._text(node)
        if len(text) > longest:
            self.report(node, f"a text of {len(text)} characters; at most {longest} are taken")
        return Word(text, level, self.path, _line(node))

    def _lists(self, node: Node | None, category: str = "") -> list[Word]:
        words: list[Word] = []
        for item in self._items(node):
            file = self.directory / self._text(item)
            listed, problems = wordlist.read(file, str(file))
            self.problems += problems
            words += [word for word, name in listed if name in ("", category)]
            self.elsewhere += [entry for entry in listed if entry.category not in ("", category)]
        return words

    def _allow(self, keys: dict[str, Node]) -> list[Word]:
        return self._words(keys.get("allow")) + self._lists(keys.get("allow_lists"))

    def _phrases(self, node: Node | None) -> list[Word]:
        phrases = self._words(node, LONGEST_PHRASE)
        for phrase in phrases:
            problem = wrong(phrase.text)
            if problem:
                self.problems.append(Problem(phrase.path, phrase.line, f"`{phrase.text}`: {problem}"))
        return phrases

    def _segmented(self, node: Node | None) -> Node | None:
        if node and not segmentation.is_there():
            self.report(
                node, 'ambiguous words need a library; `pip install ".[segmentation]"` or write them as `words`'
            )
        return node

    def _order(self, node: Node) -> str:
        text = self._text(node)
        if not _ORDER.fullmatch(text) or sum(map(text.count, "#@")) < 4:
            advice = "write `#` for a digit and `@` for a letter, four at least, as in `ZD########`"
            self.report(node, f"`{text}` is no template of order numbers; {advice}")
        return text


def _unknown(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"unknown `{name}`; write " + (f"`{near[0]}`" if near else f"one of {', '.join(known)}")


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
