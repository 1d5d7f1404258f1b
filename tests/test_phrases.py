"""The bot's own phrases: in the user's language, from a file that staff can edit."""

from pathlib import Path

import pytest

from bot.phrases import KEYS, load
from bot.settings import ROOT, SettingsError

SHIPPED = load(ROOT / "bot/phrases.yaml")


def test_every_language_says_everything() -> None:
    """The shipped file has Chinese and English, and no phrase is missing in either."""
    assert {language: set(said) for language, said in SHIPPED.by_language.items()} == {"zh": KEYS, "en": KEYS}


@pytest.mark.parametrize(
    ("text", "language"),
    [("怎么退货", "zh"), ("where is my parcel", "en"), ("iPhone 坏了", "zh"), ("2", "zh"), ("😀", "zh"), ("", "zh")],
)
def test_the_language_is_that_of_the_text(text: str, language: str) -> None:
    """One Han character makes it Chinese; without letters the default holds."""
    assert SHIPPED.language_of(text) == language


def test_a_text_without_letters_follows_what_was_spoken_before() -> None:
    """ "2" in an English conversation is answered in English."""
    assert SHIPPED.language_of("2", "en") == "en"


def test_an_unknown_language_hears_the_default() -> None:
    """Nobody is left without an answer."""
    assert SHIPPED.say("busy", "fr") == SHIPPED.say("busy", "zh")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("zh: {greeting: 你好}", "zh: busy is missing"),
        ("zh: {greting: 你好}", "zh: unknown key greting"),
        ("zh: {greeting: 3}", "zh: greeting must be a text"),
        ("zh: 你好", "zh: write the phrases below it"),
        ("[]", "write one block of phrases for each language"),
        ("zh: {", "not readable as YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_remedy(tmp_path: Path, text: str, told: str) -> None:
    """The file, the language and the key are named."""
    file = tmp_path / "phrases.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load(file)
    assert told in str(refused.value)
    assert "phrases.yaml" in str(refused.value)
