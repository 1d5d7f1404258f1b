"""Stream: what is let through is the same however the text is cut, and the same as of the whole text."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Action, Direction, Policy
from policies.rulebook import Category, Rulebook, Word
from tests import filter_oracle

ALPHABET = "aabbbccABＢⓒ赌博博賭1２三*-\u200b ，.ﬃ℡\U000e0041\ud800"
WORDS = st.text("abc赌博三1", min_size=1, max_size=4)
TEXTS = st.text(ALPHABET, max_size=24)
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


@settings(max_examples=300, deadline=None)
@given(LISTS, st.lists(WORDS, max_size=2), TEXTS, CUTS)
def test_a_stream_sends_what_the_oracle_says(
    actions: dict[str, str], allow: list[str], text: str, cuts: list[int]
) -> None:
    """Whatever the lexicon, the text and the pieces: the same as the slow filter of the whole text."""
    policy = rules(actions, allow)
    assert flow(policy, text, cuts) == filter_oracle.sent(actions, allow, text)


@settings(max_examples=300, deadline=None)
@given(LISTS, st.lists(WORDS, max_size=2), TEXTS)
def test_a_whole_text_has_the_hits_of_the_oracle(actions: dict[str, str], allow: list[str], text: str) -> None:
    """Scanner, runs and offsets find exactly what trying everything finds."""
    hits = rules(actions, allow).screen(text, Direction.OUT).hits
    assert {(hit.word, hit.start, hit.end) for hit in hits} == filter_oracle.hits(actions, allow, text)
