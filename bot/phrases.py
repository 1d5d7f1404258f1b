"""What the bot itself says, in the user's language. Answers of the staff are not here: they are content."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.settings import SettingsError

KEYS = frozenset(
    {
        *("name", "greeting", "unknown", "unknown_part", "suggest", "suggest_hint", "blocked"),
        *("withheld", "handoff", "apology", "timeout", "busy", "empty", "starters"),
        *("got_image", "got_voice", "got_video", "got_file", "got_location", "got_other"),
        *("thinking", "collect"),
        *("documents_quoted", "documents_nearest", "tool_failed"),
    }
)
_HAN = re.compile(r"[㐀-鿿豈-﫿]")
_LATIN = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of every language; the first language of the file is the default one."""

    by_language: Mapping[str, Mapping[str, str]]

    @property
    def default(self) -> str:
        return next(iter(self.by_language))

    def say(self, key: str, language: str) -> str:
        return self.by_language.get(language, self.by_language[self.default])[key]

    def language_of(self, text: str, otherwise: str | None = None) -> str:
        """Chinese when there is a Han character, English when there are Latin letters only, else `otherwise`."""
        if _HAN.search(text):
            return "zh"
        if _LATIN.search(text):
            return "en"
        return otherwise or self.default


def load(path: Path) -> Phrases:
    """Read the phrases file. Raises SettingsError naming the file, the language and every key that is wrong."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: not readable as YAML: {error}") from error
    if not isinstance(document, dict) or not document:
        raise SettingsError(f"{path}: write one block of phrases for each language, such as 'zh:' and 'en:'")
    problems = [problem for language, said in document.items() for problem in _problems(language, said)]
    if problems:
        raise SettingsError("\n".join(f"{path}: {problem}" for problem in problems))
    return Phrases({str(language): {key: said[key].strip() for key in said} for language, said in document.items()})


def _problems(language: object, said: object) -> list[str]:
    if not isinstance(said, dict):
        return [f"{language}: write the phrases below it, one 'key: text' a line"]
    missing = [f"{language}: {key} is missing" for key in sorted(KEYS - said.keys())]
    unknown = [f"{language}: unknown key {key}; the keys are {', '.join(sorted(KEYS))}" for key in said.keys() - KEYS]
    empty = [
        f"{language}: {key} must be a text"
        for key, text in said.items()
        if not isinstance(text, str) or not text.strip()
    ]
    return missing + unknown + empty
