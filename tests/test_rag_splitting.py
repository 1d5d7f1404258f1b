"""Passages: small enough, whole where it matters, and nothing lost on the way."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.rag.passages import Block, Kind, Passage
from bot.rag.splitting import Source, sentences, split

SOURCE = Source("kb", "a.md", "手册")
TEXTS = st.text(st.sampled_from("退货款七天内免费，。！？；\n. ab1"), max_size=300)


def _split(*blocks: Block, size: int = 60, overlap: int = 20) -> list[Passage]:
    return list(split(blocks, SOURCE, size, overlap))


@given(st.lists(TEXTS, max_size=5))
def test_nothing_is_lost_and_nothing_is_too_long(texts: list[str]) -> None:
    """Every character that is no space stands in a passage, in order within its sentence."""
    passages = _split(*(Block(Kind.TEXT, text) for text in texts))
    assert all(len(passage.text) <= 60 for passage in passages)
    held = "".join("".join(passage.text.split()) for passage in passages)
    for text in texts:
        for sentence in sentences(text):
            for part in re.findall(r"[^\s，,]{1,30}", sentence):
                assert part[:10] in held


@given(TEXTS)
def test_sentences_joined_are_the_text(text: str) -> None:
    """Cutting loses nothing."""
    assert "".join(sentences(text)).strip() == text.strip()


def test_sentences_end_where_sentences_end() -> None:
    """Chinese and Latin signs; a point within a number or an address is none."""
    assert sentences("好的。价格3.5元！See a.com now. Next?") == ["好的。", "价格3.5元！", "See a.com now. ", "Next?"]


def test_a_passage_carries_the_headings_above_it() -> None:
    """The section is the path; a new heading of a level ends the deeper ones."""
    passages = _split(
        Block(Kind.HEADING, "手册", 1),
        Block(Kind.HEADING, "退货", 2),
        Block(Kind.HEADING, "运费", 3),
        Block(Kind.TEXT, "免费。"),
        Block(Kind.HEADING, "退款", 2),
        Block(Kind.TEXT, "三天。"),
    )
    assert [(passage.section, passage.text) for passage in passages] == [("退货 › 运费", "免费。"), ("退款", "三天。")]
    assert passages[0].heading == "手册 › 退货 › 运费"


def test_sections_are_never_mixed() -> None:
    """However short, text of two headings stands in two passages."""
    blocks = [b for n in range(5) for b in (Block(Kind.HEADING, f"节{n}", 2), Block(Kind.TEXT, f"第{n}。"))]
    assert len(_split(*blocks)) == 5


def test_the_last_sentence_is_said_again() -> None:
    """What completes a thought at the edge is in both passages."""
    passages = _split(Block(Kind.TEXT, "一" * 40 + "。" + "二" * 15 + "。" + "三" * 30 + "。"))
    assert passages[0].text.endswith("二" * 15 + "。")
    assert passages[1].text.startswith("二" * 15 + "。")


def test_a_table_row_stays_whole() -> None:
    """A row longer than a passage is still one passage."""
    row = "；".join(f"列{n}：值{n}" for n in range(15))
    assert row in [passage.text for passage in _split(Block(Kind.ROW, row), Block(Kind.ROW, "列：值"))]


def test_what_was_said_is_not_said_twice() -> None:
    """Boilerplate of a document counts once; under another heading it is another passage."""
    blocks = [Block(Kind.HEADING, "甲", 2), Block(Kind.TEXT, "联系客服。" * 12), Block(Kind.TEXT, "联系客服。" * 12)]
    texts = [passage.text for passage in _split(*blocks, overlap=0)]
    assert len(texts) == len(set(texts))


def test_a_passage_knows_the_page_it_begins_on() -> None:
    """Citations name the page."""
    assert [p.page for p in _split(Block(Kind.TEXT, "一" * 50, page=1), Block(Kind.TEXT, "二" * 50, page=2))] == [1, 2]
