"""Stream: what is let through is the same however the text is cut, and the same as of the whole text."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Action, Direction, Policy
from policies.rulebook import Category, Rulebook, Word
from tests import filter_oracle

ALPHABET = "aabbbccABＢⓒ赌博博賭1２三*-\u200b ，.ﬃ℡\U000e0041\ud800"
WORDS = st.text("abc赌博三1", min_size=1, max_size=4) | st.text("a赌博", min_size=6, max_size=9)
TEXTS = st.text(ALPHABET, max_size=24) | st.builds(str.__mul__, st.text(ALPHABET, max_size=24), st.integers(2, 12))
CUTS = st.lists(st.integers(1, 5), min_size=1, max_size=8)
LISTS = st.dictionaries(WORDS, st.sampled_from(["mask", "mask", "flag", "block"]), min_size=1, max_size=5)


def rules(actions: dict[str, str], allow: Sequence[str] = (), patterns: tuple[str, ...] = ()) -> Policy:
    """Make a Policy of words with their actions, one category an action."""
    categories = []
    for action in sorted(set(actions.values()) | {"mask"}):
        words = tuple(Word(word, 2, "rules", 1) for word in actions if actions[word] == action)
        what = {direction: dict.fromkeys((1, 2, 3), Action(action)) for direction in Direction}
        found = patterns if action == "mask" else ()
        categories.append(Category(action, action, what, words=words, patterns=found))
    return Policy.build(Rulebook(tuple(categories), tuple(Word(word, 2, "rules", 1) for word in allow)))


def pieces(text: str, cuts: Sequence[int]) -> list[str]:
    """Cut `text` into pieces of these lengths, over and over."""
    found, place, turn = [], 0, 0
    while place < len(text):
        found.append(text[place : place + cuts[turn % len(cuts)]])
        place += cuts[turn % len(cuts)]
        turn += 1
    return found


def flow(policy: Policy, text: str, cuts: Sequence[int]) -> str:
    """Send `text` through a stream in pieces; give all that was let through."""
    stream = policy.stream(Direction.OUT)
    return "".join([stream.feed(piece) for piece in pieces(text, cuts)]) + stream.close()


@settings(max_examples=25, deadline=None)
@given(LISTS, st.lists(WORDS, max_size=2), st.lists(st.tuples(TEXTS, CUTS), min_size=3, max_size=8))
def test_a_stream_sends_what_the_oracle_says(
    actions: dict[str, str], allow: list[str], texts: list[tuple[str, list[int]]]
) -> None:
    """Whatever the lexicon, the text and the pieces: the same as the slow filter of the whole text."""
    policy = rules(actions, allow)
    for text, cuts in texts:
        assert flow(policy, text, cuts) == filter_oracle.sent(actions, allow, text)


@settings(max_examples=25, deadline=None)
@given(LISTS, st.lists(WORDS, max_size=2), st.lists(TEXTS, min_size=3, max_size=8))
def test_a_whole_text_has_the_hits_of_the_oracle(actions: dict[str, str], allow: list[str], texts: list[str]) -> None:
    """Scanner, runs and offsets find exactly what trying everything finds."""
    policy = rules(actions, allow)
    for text in texts:
        hits = policy.screen(text, Direction.OUT).hits
        assert {(hit.word, hit.start, hit.end) for hit in hits} == filter_oracle.hits(actions, allow, text)


PERSONAL_TEXTS = st.text("138京A5.@c 　，x-+8620O", max_size=40) | st.sampled_from(
    [
        "我的电话138 1234 5678谢谢",
        "邮箱a.b@c.com，车牌京A12345",
        "1" * 400 + "13812345678",
        "13812345678" * 2,
        "+8613812345678 9",
    ]
)


@settings(max_examples=200, deadline=None)
@given(PERSONAL_TEXTS, CUTS)
def test_personal_data_is_masked_however_the_text_is_cut(text: str, cuts: list[int]) -> None:
    """A number that comes in pieces is masked as in the whole text, and no longer run of digits is touched."""
    assert flow(PERSONAL, text, cuts) == PERSONAL.screen(text, Direction.OUT).text


PERSONAL = rules({"赌博": "mask"}, patterns=("phone", "id_card", "bank_card", "email", "plate"))
FULL = Policy.build(
    Rulebook(
        (
            Category(
                "all",
                "all",
                {direction: dict.fromkeys((1, 2, 3), Action.MASK) for direction in Direction},
                readings=frozenset(("spaced", "sound", "emoji", "split", "reversed", "lines", "digits")),
                words=tuple(Word(word, 2, "rules", 1) for word in ("赌博网站", "badword", "40%", "傻逼")),
            ),
        )
    )
)


@settings(max_examples=120, deadline=None)
@given(st.text("赌堵博网站贝者badwor4d0傻逼沙比 \n，1%40🐷du", max_size=24), CUTS)
def test_all_readings_stream_as_they_screen(text: str, cuts: list[int]) -> None:
    """With every way of reading on, a stream still sends what the whole text says."""
    assert flow(FULL, text, cuts) == FULL.screen(text, Direction.OUT).text


DEVIOUS = st.text("赌博网-*ab1l!@3$ .，ﬃ\u200b", min_size=1, max_size=5).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(st.lists(DEVIOUS, min_size=1, max_size=5, unique=True), st.data(), CUTS)
def test_words_of_any_signs_stream_as_they_screen(words: list[str], data: st.DataObject, cuts: list[int]) -> None:
    """Words with symbols, of symbols alone, Latin ones in leet: as in the whole text."""
    policy = rules(dict.fromkeys(map(str.strip, words), "mask"))
    parts = st.sampled_from([*words, *"赌博网-*ab1l!@3$ .，ﬃ\u200b"])
    for text in data.draw(st.lists(st.lists(parts, max_size=16).map("".join), min_size=3, max_size=8)):
        assert flow(policy, text, cuts) == policy.screen(text, Direction.OUT).text


def test_a_price_is_no_word_in_leet_in_a_stream_either() -> None:
    """5455 could be read as sass, but has no letter."""
    policy = rules({"sass": "mask"})
    assert flow(policy, "5455元，5a55", [1]) == policy.screen("5455元，5a55", Direction.OUT).text == "5455元，****"


def test_words_of_symbols_alone_are_found() -> None:
    """The plain reading drops symbols and cannot tell that there are some."""
    policy = rules({"*#*": "mask"})
    assert flow(policy, "打*#*有惊喜", [2]) == policy.screen("打*#*有惊喜", Direction.OUT).text == "打***有惊喜"


@pytest.mark.parametrize("text", ["a" * 20_000 + "b", "赌" + "\u200b" * 20_000 + "博", "1" * 20_000, "赌赌" * 10_000])
def test_a_flood_is_held_back_without_growing_dear(text: str) -> None:
    """What is repeated without end may be a word drawn out: it is held back, and what is kept of it stays small."""
    policy = rules({"ab": "mask", "赌博": "mask", "11-2": "mask"})
    start = time.thread_time()
    assert flow(policy, text, [1]) == policy.screen(text, Direction.OUT).text
    assert time.thread_time() - start < 10


def test_only_what_can_become_a_word_is_held_back() -> None:
    """Text that begins no listed word is sent at once."""
    stream = PERSONAL.stream(Direction.OUT)
    assert [stream.feed(piece) for piece in ("我想", "去赌", "场看看")] == ["我想", "去", "赌场看看"]


def test_a_block_ends_the_stream_before_the_word() -> None:
    """What stands before is sent, nothing after; the verdict tells why."""
    stream = rules({"赌博": "block"}).stream(Direction.OUT)
    assert [stream.feed("去赌"), stream.feed("博吧"), stream.feed("再说"), stream.close()] == ["去", "", "", ""]
    assert stream.stopped
    assert (stream.verdict.action, stream.verdict.text) == (Action.BLOCK, "去")


def test_a_mask_of_words_is_put_once() -> None:
    """A mask longer than one character stands for the whole word, even when the word comes in pieces."""
    category = Category(
        "x",
        "x",
        {direction: dict.fromkeys((1, 2, 3), Action.MASK) for direction in Direction},
        mask="[已删除]",
        words=(Word("赌博", 2, "rules", 1), Word("博彩网", 2, "rules", 1)),
    )
    policy = Policy.build(Rulebook((category,)))
    assert flow(policy, "去赌博彩网玩", [1]) == policy.screen("去赌博彩网玩", Direction.OUT).text == "去[已删除]玩"


def test_rules_without_words_stream_too() -> None:
    """Only personal data, only words with symbols, nothing at all."""
    assert flow(rules({}, patterns=("phone",)), "打13812345678找我", [3]) == "打***********找我"
    assert flow(rules({"c++": "mask"}), "学c++吧c", [1]) == "学***吧c"
    assert flow(Policy.build(Rulebook(())), "学c++吧", [1]) == "学c++吧"
