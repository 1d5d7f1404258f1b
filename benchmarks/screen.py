"""How fast the word filter is: against a bare scan of the folded text and against others, all in one run.

Run: python -m benchmarks.screen [--half dev]. Times are CPU times of this thread, medians of rounds; the ratios count.
"""

import argparse
import gc
import random
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import daachorse

from benchmarks import rivals
from benchmarks.data import find, read_tsv, show, write
from bot.memory import give_back
from policies import Action, Direction, Policy, dumping, reading
from policies.evasions import plain_table
from policies.rulebook import LEVELS, Category, Rulebook, Word

IN, OUT = Direction.IN, Direction.OUT
SIZES = (64_000, 105_000)
ROUNDS = 9


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", default="dev")
    parser.add_argument(
        "--build", type=int, help="only build a policy of so many words into FILE; print seconds and MB"
    )
    parser.add_argument("--load", action="store_true", help="only load the policy of FILE; print seconds and MB")
    parser.add_argument("--file", type=Path)
    args = parser.parse_args()
    if args.build:
        gc.disable()  # as bot/rules.py does
        rules, corpus = _rules(_words(args.half, args.build)), _messages(args.half)[::3]
        args.file.write_bytes(dumping.dump(_print_cost(lambda: Policy.build(rules, corpus))))
        return
    if args.load:
        _print_cost(lambda: _ready(args.file.read_bytes()))
        return
    messages = _messages(args.half)
    results: dict[str, object] = {str(size): _speed(_words(args.half, size), messages) for size in SIZES}
    results["build"] = _builds(args.half)
    write("screen", results)


def _speed(words: Sequence[str], messages: Sequence[str]) -> dict[str, object]:
    table = plain_table()
    policy = build(words, messages[::3])
    forms = list(dict.fromkeys(table.fold(word) for word in words))
    corpus = [table.fold(message) for message in messages[::3]]
    bare = daachorse.CharwiseDoubleArrayAhoCorasick(forms, daachorse.MATCH_KIND_LEFTMOST_LONGEST, corpus).find
    mixed = _with_words(messages, [word for word in words if len(word) < 7])
    rows = []
    for name, texts in (("no hit", messages), ("40 % hit", mixed)):
        folded = [table.fold(text) for text in texts]
        base, ours = _interleaved([(bare, folded), (lambda text: policy.screen(text, IN), texts)], 9 * ROUNDS)
        hits = sum(bool(policy.screen(text, IN).hits) for text in texts) / len(texts)
        rows.append({"messages": name, "hit": hits, "bare µs": base, "screen µs": ours, "ratio": ours / base})
    show(f"{len(words)} words, {len(messages)} messages of {_mean(messages):.1f} characters", rows)
    own = {
        "rows": rows,
        "stream": _stream(policy, messages),
        "swap": _swap(policy),
    }  # before the rivals fill the memory
    return {**own, "rivals": _against(forms, [table.fold(text) for text in messages], messages, policy)}


def _against(
    forms: Sequence[str], folded: Sequence[str], messages: Sequence[str], policy: Policy
) -> list[dict[str, object]]:
    """The rivals scan the folded text bare; ours, in turn with each, folds, scans and judges the text as it came."""
    rows: list[dict[str, object]] = []
    for name in rivals.RIVALS:
        rival = rivals.make(name, forms)
        if rival is None:
            rows.append({"filter": name, "µs": "not installed", "Zhida, all of it": "", "÷ Zhida": ""})
            continue
        some = slice(20) if name in rivals.SLOW else slice(None)
        took, ours = _interleaved([(rival, folded[some]), (lambda text: policy.screen(text, IN), messages[some])])
        rows.append({"filter": name, "µs": took, "Zhida, all of it": ours, "÷ Zhida": took / ours})
    show("against others", rows)
    return rows


def _stream(policy: Policy, texts: Sequence[str]) -> dict[str, float]:
    """Pieces of one or two characters, as a model sends them."""
    tokens, spent, held = 0, 0.0, []
    for text in texts:
        chance = random.Random(len(text))
        pieces, rest = [], text
        while rest:
            cut = chance.randint(1, 2)
            pieces.append(rest[:cut])
            rest = rest[cut:]
        stream = policy.stream(OUT)
        start = time.thread_time()
        for piece in pieces:
            stream.feed(piece)
        stream.close()
        spent += time.thread_time() - start
        tokens += len(pieces)
        stream = policy.stream(OUT)
        for piece in pieces:
            stream.feed(piece)
            held.append(stream.held)
    held.sort()
    row = {
        "µs a token": spent / tokens * 1e6,
        "held mean": statistics.fmean(held),
        "held p99": held[int(len(held) * 0.99)],
    }
    show("stream", [row])
    return row


def _swap(policy: Policy) -> dict[str, float]:
    """The longest pause of this thread while another loads what another process has built, as bot/rules.py does."""
    data = dumping.dump(policy)
    quiet = _longest_pause(lambda: time.sleep(0.2))
    start = time.process_time()
    dumping.restore(data)
    row = {
        "bytes MB": len(data) / 1e6,
        "load CPU ms": (time.process_time() - start) * 1e3,
        "longest pause ms": max(_longest_pause(lambda: dumping.restore(data).stream(OUT)) for _ in range(5)),
        "without loading ms": quiet,
    }
    show("swap", [row])
    return row


def _longest_pause(work: Callable[[], object]) -> float:
    """Milliseconds for which a thread that only ever sleeps one was kept from going on while another does `work`."""
    worker = threading.Thread(target=work)
    pauses, before = [], time.perf_counter()
    worker.start()
    while worker.is_alive():
        time.sleep(0.001)
        now = time.perf_counter()
        pauses.append(now - before)
        before = now
    return max(pauses, default=0.0) * 1e3


def _builds(half: str) -> list[dict[str, object]]:
    """Built in one process, loaded in another, as the service does it with large lists."""
    rows: list[dict[str, object]] = []
    for size in (1, *SIZES):
        with TemporaryDirectory() as folder:
            built = _measure("--half", half, "--build", str(size), "--file", f"{folder}/policy")
            loaded = _measure("--load", "--file", f"{folder}/policy")
        rows.append(
            {
                "words": size,
                "read CPU s": _reading(_words(half, size)),
                "build CPU s": built[0],
                "MB there": built[1],
                "load CPU s": loaded[0],
                "kept MB": loaded[1],
            }
        )
    show("built in one process, loaded in another", rows)
    return rows


def _reading(words: Sequence[str]) -> float:
    """Seconds to read and lint a plain list of these words."""
    with TemporaryDirectory() as folder:
        Path(folder, "listed.yaml").write_text("category: listed\nlists: [listed.txt]\n", encoding="utf-8")
        Path(folder, "listed.txt").write_text("\n".join(words), encoding="utf-8")
        gc.disable()  # as bot/rules.py does
        start = time.process_time()
        reading.read(Path(folder))
        took = time.process_time() - start
        gc.enable()
        return took


def _measure(*arguments: str) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.screen", *arguments]
    seconds, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), float(megabytes)


def _print_cost(make: Callable[[], Policy]) -> Policy:
    """Print CPU seconds and megabytes; those of tables and libraries are not the list's."""
    _ready(dumping.dump(build(["赌博", "c++", "badword"])))
    give_back()
    before, start = _resident(), time.process_time()
    policy = make()
    seconds = time.process_time() - start
    give_back()  # as the service does
    print(seconds, _resident() - before)
    return policy


def _ready(data: bytes) -> Policy:
    """Load a policy with all that its streams share."""
    policy = dumping.restore(data)
    policy.stream(OUT)
    return policy


def _resident() -> float:
    """Megabytes in memory now (Linux), else the most there ever were."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def build(words: Sequence[str], corpus: Sequence[str] = ()) -> Policy:
    """Make a Policy of one category that masks."""
    return Policy.build(_rules(words), corpus)


def _rules(words: Sequence[str]) -> Rulebook:
    masked = {direction: dict.fromkeys(LEVELS, Action.MASK) for direction in Direction}
    listed = tuple(Word(word, 2, "benchmark", 1) for word in words)
    return Rulebook((Category("listed", "listed", masked, words=listed),))


def _interleaved(jobs: Sequence[tuple[Callable[[str], object], Sequence[str]]], rounds: int = ROUNDS) -> list[float]:
    """Median microseconds a text of each job, the rounds taken in turn."""
    times: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for taken, (job, texts) in zip(times, jobs, strict=True):
            start = time.thread_time()
            for text in texts:
                job(text)
            taken.append((time.thread_time() - start) / len(texts) * 1e6)
    return [statistics.median(taken) for taken in times]


def _messages(half: str) -> list[str]:
    """Ordinary texts of 28 to 56 characters."""
    texts = [row["text"] for row in read_tsv(f"C_clean_sentences_zh/clean_{half}.tsv")]
    texts += find(f"C_clean_sms_nus_zh/messages_{half}.txt").read_text(encoding="utf-8").splitlines()
    return [text for text in texts if 28 <= len(text) <= 56]


def _words(half: str, size: int) -> list[str]:
    """So many words of the merged list that no ordinary text has: hits are rare, as with a kept list.

    They are drawn from all of the list: its first words begin with few characters, which is easy for some
    (pyahocorasick looks for the character that a word begins with one by one).
    """
    fold = plain_table().fold
    texts = fold(
        "\n".join([row["text"] for row in read_tsv(f"C_clean_sentences_zh/clean_{half}.tsv")] + _messages(half))
    )
    words = [row["word"] for row in read_tsv("C_sensitive_lexicon/lexicon_merged.tsv") if len(row["word"]) > 1]
    kept = [word for word in words if len(fold(word)) > 1 and fold(word) not in texts]
    drawn = random.Random(1).sample(range(len(kept)), min(size, len(kept)))
    return [kept[place] for place in sorted(drawn)]


def _with_words(messages: Sequence[str], words: Sequence[str]) -> list[str]:
    """Put a listed word into 40 % of the messages."""
    chance = random.Random(1)
    mixed = []
    for message in messages:
        at = chance.randint(0, len(message))
        mixed.append(message[:at] + chance.choice(words) + message[at:] if chance.random() < 0.4 else message)
    return mixed


def _mean(texts: Sequence[str]) -> float:
    return statistics.fmean(map(len, texts))


if __name__ == "__main__":
    main()
