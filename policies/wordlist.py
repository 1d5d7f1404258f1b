"""Plain word lists: UTF-8, one word a line, or `word<TAB>category<TAB>level`.

Blank lines and lines that begin with `#` say nothing; a list can never hold an empty word.
"""

from pathlib import Path
from typing import NamedTuple

from policies.rulebook import LEVELS, LONGEST_WORD, USUAL, Problem, Word

SHOWN = 20  # problems of one list that are told one by one


class Listed(NamedTuple):
    """A word and the category its line names ("" when it names none)."""

    word: Word
    category: str


def read(file: Path, path: str, level: int = USUAL) -> tuple[list[Listed], list[Problem]]:
    """Read the list `file`, called `path` in problems; words without a level of their own get `level`."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return [], [Problem(path, line, "not UTF-8, perhaps GBK; save it as UTF-8")]
    except OSError as error:
        return [], [Problem(path, 1, f"cannot be read ({error.strerror}); name a file beside the rules")]
    return parse(text, path, level)


def parse(text: str, path: str, level: int = USUAL) -> tuple[list[Listed], list[Problem]]:
    """Parse a whole list; of many problems the first 20 are told, then their number."""
    listed: list[Listed] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip("\r\n\ufeff ")
        if not line.strip() or line.startswith("#"):
            continue
        if "\t" not in line and len(line) <= LONGEST_WORD:  # nearly always
            listed.append(Listed(Word(line.strip(), level, path, number), ""))
            continue
        fields = [field.strip() for field in line.split("\t")]
        problem = _wrong(fields)
        if problem:
            problems.append(Problem(path, number, problem))
            continue
        category, own = [*fields[1:], "", ""][:2]
        listed.append(Listed(Word(fields[0], int(own or level), path, number), category))
    if len(problems) > SHOWN:
        rest = Problem(path, problems[SHOWN].line, f"and {len(problems) - SHOWN} more such lines; correct the list")
        problems[SHOWN:] = [rest]
    return listed, problems


def _wrong(fields: list[str]) -> str:
    if not fields[0]:
        return "no word before the tab; write `word<TAB>category<TAB>level`"
    if len(fields[0]) > LONGEST_WORD:
        return f"a word of {len(fields[0])} characters; a listed word has at most {LONGEST_WORD}"
    if len(fields) > 3:
        return f"{len(fields)} columns; write `word<TAB>category<TAB>level`"
    if len(fields) == 3 and fields[2] not in map(str, LEVELS):
        return f"level `{fields[2]}` is none of 1, 2, 3; write 1 (mild), 2 (usual) or 3 (severe)"
    return ""
