"""How well the word filter finds and spares: evasion suites, cloaked posts, clean texts, streams against an oracle.

Run: python -m benchmarks.screen_quality [--half dev]. The 47 kinds of evasion are written down in evasion_matrix.py.
"""

import argparse
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import policies
from benchmarks.data import find, read_jsonl, read_tsv, show, write
from benchmarks.evasion_matrix import KINDS, WORDS
from policies import Action, Direction, Hit, Policy, segmentation
from policies.calibration import SHORT, calibrate, estimate
from policies.evasions import forms
from policies.judging import longest
from policies.rulebook import LEVELS, READINGS, Category, Rulebook, Word, short
from tests import filter_oracle

IN = Direction.IN
CASES = 10_000
MASKED = {direction: dict.fromkeys(LEVELS, Action.MASK) for direction in Direction}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", default="dev")
    half = parser.parse_args().half
    results = {
        "cases": _cases(half),
        "matrix": _matrix(),
        "cloaked": _cloaked(half),
        "clean": _clean(half),
        "readings": _prices(half),
        "injection": _injection(half),
        "stream": _streams(),
    }
    write("screen_quality", results)


def rules(
    words: Iterable[str],
    allow: Iterable[str] = (),
    readings: Collection[str] = (),
    patterns: Sequence[str] = (),
    whole_words: bool = True,
    ambiguous_up_to: int = 0,
) -> Rulebook:
    """Make the rules of one category that masks."""
    listed = tuple(Word(word, 2, "benchmark", 1) for word in words)
    category = Category(
        "listed", "listed", MASKED, readings=frozenset(readings), whole_words=whole_words, words=listed,
        patterns=tuple(patterns), ambiguous=short(listed, ambiguous_up_to),
    )  # fmt: skip
    return Rulebook((category,), tuple(Word(word, 2, "benchmark", 1) for word in allow))


def _core() -> list[str]:
    rows = read_tsv("C_sensitive_lexicon/lexicon_core_3plus_sources.tsv")
    return [row["word"] for row in rows if len(row["word"]) > 1]


def _cases(half: str) -> dict[str, object]:
    """The public suites: the hits of each case as texts, compared as sets; in order where they do not overlap."""
    failed, applied = [], 0
    for case in read_jsonl(f"C_sensitive_evasion_cases/cases_{half}.jsonl"):
        options = case["options"]
        assert isinstance(options, Mapping)
        if options.get("num_len", 8) != 8:
            continue  # a run of digits is a number from eight on, whatever the suite asks
        applied += 1
        found = _found(case, options)
        if found != (expected := [str(text) for text in _list(case["expected_found"])]):
            failed.append({"id": case["id"], "text": case["text"], "expected": expected, "found": found})
    show("cases of the public suites", [{"apply": applied, "as expected": 1 - len(failed) / applied}])
    show("disagreements", failed)
    return {"apply": applied, "agree": 1 - len(failed) / applied, "disagreements": failed}


def _found(case: Mapping[str, object], options: Mapping[str, object]) -> list[str]:
    kinds = {"num_check": "number", "email_check": "email", "ipv4_check": "ip", "url_check": "url"}
    patterns = [kind for option, kind in kinds.items() if options.get(option)]
    whole = bool(options.get("english_word_match") or options.get("english_word_num_match"))
    words = [str(word) for word in _list(case["words"]) or _list(case["needs"])]
    policy = Policy.build(rules(words, map(str, _list(case["allow"])), (), patterns, whole))
    text = str(case["text"])
    hits: Sequence[Hit] = policy.screen(text, IN).hits
    if case["match_mode"] == "non_overlapping":
        hits = _shortest(hits) if options.get("fail_fast") else longest(hits)
    return [text[hit.start : hit.end] for hit in sorted(hits, key=lambda hit: (hit.end, hit.start))]


def _shortest(hits: Iterable[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.end, hit.start)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _matrix() -> dict[str, object]:
    usual, full = Policy.build(rules(WORDS)), Policy.build(rules(WORDS, readings=READINGS))
    rows = [
        {
            "kind": kind,
            "text": text,
            "default": bool(usual.screen(text, IN).hits),
            "all": bool(full.screen(text, IN).hits),
        }
        for kind, text in KINDS
    ]
    caught = {side: sum(bool(row[side]) for row in rows) for side in ("default", "all")}
    show("47 kinds of evasion: not caught by default", [row for row in rows if not row["default"]])
    show("caught", [{"kinds": len(rows), **caught}])
    return {"kinds": len(rows), **caught, "missed": [row["kind"] for row in rows if not row["all"]]}


def _cloaked(half: str) -> dict[str, object]:
    """Of the hits of listed words in the posts as they were, the share that is still found in the cloaked ones."""
    posts = read_jsonl(f"C_cloaked_toxicloak_zh/cloaked_{half}.jsonl")
    words = _keywords(posts)
    policy = Policy.build(rules(words, readings=("sound", "emoji")))
    rows = []
    for column in ("homo_keyword", "emoji_keyword", "homo_full", "emoji_full"):
        share = _still(policy, posts, column, changed=False)
        rows.append(
            {
                "cloak": column,
                "hits still found": share,
                "of those that were changed": _still(policy, posts, column, True),
            }
        )
    show(f"cloaked posts, {len(words)} words, readings sound and emoji", rows)
    return {"words": len(words), "rows": rows}


def _keywords(posts: Iterable[Mapping[str, object]]) -> list[str]:
    """The core list's words and the cloaked keywords of two characters and more, that the posts have."""
    core = _core()
    keys = [row["original"] for row in read_tsv("C_cloaked_toxicloak_zh/replacements.tsv")]
    text = "\n".join(str(post["base"]) for post in posts)
    return sorted({word for word in [*core, *keys] if len(word) > 1 and word in text})


def _still(policy: Policy, posts: Iterable[Mapping[str, object]], column: str, changed: bool) -> float:
    before = after = 0
    for post in posts:
        base, cloaked = str(post["base"]), str(post[column])
        found = [hit.word for hit in policy.screen(cloaked, IN).hits]
        for hit in policy.screen(base, IN).hits:
            if hit.rule == "plain" and not (changed and hit.word in cloaked):
                before += 1
                if hit.word in found:
                    after += 1
                    found.remove(hit.word)
    return after / before if before else 0.0


def _clean_texts(half: str) -> dict[str, list[str]]:
    sms = find(f"C_clean_sms_nus_zh/messages_{half}.txt").read_text(encoding="utf-8").splitlines()
    return {
        "sentences": [row["text"] for row in read_tsv(f"C_clean_sentences_zh/clean_{half}.tsv")],
        "sms": sms,
        "cvalues": [str(row["prompt"]) for row in read_jsonl(f"F_safety_cvalues_zh/prompts_{half}.jsonl")],
    }


def _clean(half: str) -> dict[str, object]:
    """Clean texts flagged: the shipped rules; the core list before and after calibration on the other texts."""
    texts = _clean_texts(half)
    shipped = policies.load(Path(policies.__file__).parent / "rules")
    core = _core()
    raw = Policy.build(rules(core))
    allow = [word for finding in calibrate(raw, _half(texts, 0)) for word in finding.allow]
    expected = estimate(rules(core), _half(texts, 0))
    proposed = Policy.build(rules(core, allow, ambiguous_up_to=SHORT if expected.helps else 0))
    kinds = {"core list": raw, "calibrated": Policy.build(rules(core, allow)), "as proposed": proposed}
    rows = [
        {"texts": name, "shipped": _flagged(shipped, some)}
        | {kind: _flagged(policy, _odd(some)) for kind, policy in kinds.items()}
        for name, some in {**texts, "all": [text for some in texts.values() for text in some]}.items()
    ]
    left = {kind: _flagged(policy, core) for kind, policy in kinds.items()}
    show("clean texts flagged (calibrated on every other text, measured on the rest)", rows)
    show("what calibration expected of the rest", [expected._asdict()])
    show("core words that still hit", [{"allowed words": len(allow), **left}])
    spared = _spared(raw, half)
    show("hits of core words in abusive posts that are left with short words as ambiguous", [spared])
    figures = {"allowed": len(allow), "expected": expected._asdict(), "left in abusive posts": spared}
    return {"rows": rows, "core words that still hit": left, **figures}


def _spared(raw: Policy, half: str) -> dict[str, float]:
    """What it costs to take short words as ambiguous: of hits in posts that mean them, the share that still counts."""
    posts = [str(post["base"]) for post in read_jsonl(f"C_cloaked_toxicloak_zh/cloaked_{half}.jsonl")]
    hits = [(post, hit) for post in posts for hit in raw.screen(post, IN).hits]
    short = [(post, hit) for post, hit in hits if len(hit.word) <= SHORT]
    pieced = sum(not segmentation.is_word(post, hit.start, hit.end) for post, hit in short)
    return {"hits": len(hits), "of short words": len(short), "left": 1 - pieced / len(short)}


def _half(texts: Mapping[str, Sequence[str]], first: int) -> list[str]:
    return [text for some in texts.values() for text in some[first::2]]


def _odd(texts: Sequence[str]) -> Sequence[str]:
    return texts[1::2]


def _flagged(policy: Policy, texts: Sequence[str]) -> float:
    return sum(bool(policy.screen(text, IN).hits) for text in texts) / len(texts)


def _prices(half: str) -> list[dict[str, object]]:
    """What each reading costs: clean texts flagged more, by the shipped words and by a core list without plain hits."""
    texts = [text for some in _clean_texts(half).values() for text in some]
    core = _core()
    plainly = Policy.build(rules(core))
    hitting = set(forms([hit.word for text in texts for hit in plainly.screen(text, IN).hits]))
    silent = [word for word, form in zip(core, forms(core), strict=True) if form not in hitting]
    rows = []
    for reading in (*READINGS, "all"):
        policy = Policy.build(rules(silent, readings=READINGS if reading == "all" else (reading,)))
        rows.append({"reading": reading, "clean texts flagged": _flagged(policy, texts)})
    show(f"the price of each reading ({len(silent)} core words that hit no clean text plainly)", rows)
    return rows


def _injection(half: str) -> list[dict[str, object]]:
    shipped = policies.load(Path(policies.__file__).parent / "rules")
    sets: dict[str, list[str]] = {
        "giskard": [str(row["prompt"]) for row in read_jsonl(f"F_injection_giskard_en/prompts_{half}.jsonl")],
        "purplellama": [str(row["user_input"]) for row in read_jsonl(f"F_injection_purplellama/prompts_{half}.jsonl")],
        "rails": find("F_rails_ask_a_question/prompt_injection_data.txt").read_text(encoding="utf-8").splitlines(),
        **_clean_texts(half),
    }
    rows: list[dict[str, object]] = []
    for name, texts in sets.items():
        flagged = sum(any(hit.category == "injection" for hit in shipped.screen(text, IN).hits) for text in texts)
        rows.append({"texts": name, "n": len(texts), "flagged as injection": flagged / len(texts)})
    show("injection", rows)
    return rows


def _streams() -> dict[str, object]:
    """Random lexicons, texts and cuts: what a stream sends against the oracle of the whole text."""
    chance = random.Random(7)
    differ = 0
    for _ in range(CASES // 20):
        actions = {_word(chance): chance.choice(["mask", "mask", "flag", "block"]) for _ in range(chance.randint(1, 5))}
        allow = [_word(chance) for _ in range(chance.randint(0, 2))]
        policy = _acting(actions, allow)
        differ += sum(_differs(policy, actions, allow, chance) for _ in range(20))
    show("streams against the oracle", [{"cases": CASES, "differ": differ}])
    return {"cases": CASES, "differ": differ}


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("abc赌博三1", k=chance.randint(1, chance.choice((4, 4, 4, 10)))))


def _differs(policy: Policy, actions: Mapping[str, str], allow: Sequence[str], chance: random.Random) -> bool:
    length = chance.randint(0, chance.choice((30, 30, 30, 250)))
    text = "".join(chance.choices("aabbbccABＢⓒ赌博博賭1２三*-\u200b ，.ﬃ℡\U000e0041\ud800", k=length))
    stream, sent, rest = policy.stream(Direction.OUT), [], text
    while rest:
        cut = chance.randint(1, 5)
        sent.append(stream.feed(rest[:cut]))
        rest = rest[cut:]
    return "".join([*sent, stream.close()]) != filter_oracle.sent(actions, allow, text)


def _acting(actions: Mapping[str, str], allow: Sequence[str]) -> Policy:
    categories = []
    for action in sorted(set(actions.values())):
        words = tuple(Word(word, 2, "benchmark", 1) for word in actions if actions[word] == action)
        what = {direction: dict.fromkeys(LEVELS, Action(action)) for direction in Direction}
        categories.append(Category(action, action, what, words=words))
    return Policy.build(Rulebook(tuple(categories), tuple(Word(word, 2, "benchmark", 1) for word in allow)))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


if __name__ == "__main__":
    main()
