"""What is done to a word to slip it through: caught by default, or by the reading that a category asks for."""

import pytest

from policies import Action, Direction, Policy
from policies.rulebook import READINGS, Category, Rulebook, Word
from tests.test_stream import flow

LISTED = ("赌博网站", "赌博", "狗东西", "badword")
MASKED = {direction: dict.fromkeys((1, 2, 3), Action.MASK) for direction in Direction}
OPT_IN = {
    "spaced": ("赌。博", "赌😀博", "赌 博"),
    "sound": ("堵博", "赌bo", "du博网zhan"),
    "split": ("贝者博",),
    "reversed": ("站网博赌",),
    "lines": ("狗\n东西", "赌\n博"),
    "digits": ("赌1博", "狗9东西"),
    "emoji": ("🐶东西",),
    "encoded": ("&#36172;博", "%E8%B5%8C博"),
}
DEFAULT = (
    "賭博",
    "赌*博",
    "ⓑⓐⓓⓦⓞⓡⓓ",
    "𝐛𝐚𝐝𝐰𝐨𝐫𝐝",
    "赌\u200b博",
    "赌赌博博",
    "b4dw0rd",
    "赌 博 网 站",
    "bаdword",
    "ｂａｄｗｏｒｄ",
    "bádword",
    "赌\u202e博",
)


def filtering(*readings: str) -> Policy:
    """Make a Policy of one category that asks for these readings."""
    words = tuple(Word(word, 2, "rules", 1) for word in LISTED)
    return Policy.build(Rulebook((Category("x", "x", MASKED, readings=frozenset(readings), words=words),)))


PLAIN = filtering()


@pytest.mark.parametrize("text", DEFAULT)
def test_usual_evasions_are_caught_by_default(text: str) -> None:
    """Whatever hides the word, the verdict tells its place in the text as it came."""
    assert (1, 1 + len(text)) in {(hit.start, hit.end) for hit in PLAIN.screen(f"去{text}吧", Direction.IN).hits}


@pytest.mark.parametrize("name", READINGS)
def test_the_others_are_caught_by_categories_that_ask(name: str) -> None:
    """And by no other, for each reading has its price in false alarms."""
    asking = filtering(name)
    for text in OPT_IN[name]:
        assert PLAIN.screen(text, Direction.IN).hits == (), text
        assert {hit.rule for hit in asking.screen(text, Direction.IN).hits} == {name}, text


@pytest.mark.parametrize(
    "text", ["\ud800赌博\udfff", "赌" + "\u0301" * 5_000 + "博", "\0\x1b[31m赌\u202e博", "\U000e0041赌博"]
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_odd_texts_stream_as_they_screen(text: str, size: int) -> None:
    """Halves of characters, floods of marks, controls and tags hide no word and break no stream."""
    assert flow(PLAIN, text, [size]) == PLAIN.screen(text, Direction.OUT).text != text


def test_a_megabyte_streams() -> None:
    """In one piece or in many."""
    text = "今天去赌博网站看看，不行。" * 27_000
    assert flow(PLAIN, text, [len(text)]) == flow(PLAIN, text, [4096]) == PLAIN.screen(text, Direction.OUT).text


def test_the_first_that_stops_a_stream_is_the_one_that_counts() -> None:
    """A hand-over before a block: the text ends before it, and the verdict hands over."""
    over, block = ({**MASKED, Direction.OUT: dict.fromkeys((1, 2, 3), one)} for one in (Action.HANDOFF, Action.BLOCK))
    categories = (
        Category("a", "a", block, words=(Word("赌博", 2, "rules", 1),)),
        Category("b", "b", over, reply="请稍等", words=(Word("投诉", 2, "rules", 1),)),
    )
    stream = Policy.build(Rulebook(categories)).stream(Direction.OUT)
    assert "".join(map(stream.feed, "我要投诉赌博")) + stream.close() == "我要"
    assert (stream.stopped, stream.verdict.action, stream.verdict.reply) == (True, Action.HANDOFF, "请稍等")
