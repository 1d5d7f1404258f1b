"""The demo content and the questions that measure it fit together."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from faq.content import Content, load
from faq.text import normalise

_ROOT = Path(__file__).parent.parent
_TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def content() -> Content:
    """The demo content as it ships."""
    return load(_ROOT / "faq/knowledge")


def _cases(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = yaml.safe_load((_ROOT / f"tests/data/{name}.yaml").read_text(encoding="utf-8"))
    return cases


def _expected() -> Iterator[str]:
    """Every entry that an evaluation case names; picks name a question instead."""
    yield from (case["expect"] for case in _cases("paraphrases"))
    yield from (case["expect"] for case in _cases("followups") if case["kind"] != "pick")
    yield from (entry for case in _cases("multi_questions") for entry in case["expect"])


def test_three_subjects_hold_forty_entries_each(content: Content) -> None:
    """Orders, account and payments are large enough to look at, and answer in English too."""
    bases = {base.id: base for base in content.knowledge_bases}
    for name in ("orders", "account", "payments"):
        assert len(bases[name].entries) >= 40
        assert sum(entry.id.endswith("-en") for entry in bases[name].entries) >= 8


def test_answers_are_plain_text(content: Content) -> None:
    """WeChat shows Markdown as it is written, so no answer uses it."""
    for entry in content.entries:
        for answer in (entry.answer, *entry.answers.values()):
            assert not any(mark in answer for mark in ("**", "](", "```", "\n#")), entry.id


def test_english_questions_have_english_answers(content: Content) -> None:
    """An entry whose id ends in -en is English in question and answer."""
    for entry in content.entries:
        if entry.id.endswith("-en"):
            assert all(phrasing.isascii() for phrasing in entry.phrasings), entry.id
            assert sum(char.isascii() for char in entry.answer) > 0.8 * len(entry.answer), entry.id


def test_evaluation_cases_name_entries_that_answer_today(content: Content) -> None:
    """Every expected entry exists and is valid on the day the cases were written for."""
    valid = {f"{entry.knowledge_base}/{entry.id}" for entry in content.entries if entry.valid_on(_TODAY)}
    assert set(_expected()) - valid <= {"none"}


def test_paraphrases_are_not_in_the_content(content: Content) -> None:
    """No paraphrase is a phrasing or example, so that answering it shows more than looking it up."""
    written = {normalise(text) for entry in content.entries for text in (*entry.phrasings, *entry.examples)}
    asked = [normalise(case["question"]) for case in _cases("paraphrases")]
    assert not written.intersection(asked)
    assert len(set(asked)) == len(asked)


def test_picks_choose_among_the_suggestions() -> None:
    """What a pick expects is one of the questions offered, or none."""
    for case in _cases("followups"):
        if case["kind"] == "pick":
            assert case["expect"] in {*case["suggestions"], "none"}
