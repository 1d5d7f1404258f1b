"""Personal data in Chinese texts: what is found of numbers put into ordinary messages, what is found where nothing is.

Beside it the pattern recognizers of presidio (phone, card, e-mail) alone: its Chinese needs a spaCy model from a hub,
and it knows no Chinese identity card. Run: python -m benchmarks.personal [--half dev]
"""

import argparse
import importlib
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.data import find, read_tsv, show, write
from policies import pii

KINDS = ("phone", "bank_card", "email", "id_card")
PLANTED = 500  # of each kind

Spans = Sequence[tuple[int, int]]
Find = Callable[[str], Mapping[str, Spans]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", default="dev")
    texts = _texts(parser.parse_args().half)
    cases = _plant(texts, random.Random(4))
    rows = [
        _row(name, finder, texts, cases) for name, finder in (("Zhida", _ours), ("presidio", _presidio())) if finder
    ]
    show(f"{PLANTED} of each kind put into ordinary messages: share found exactly; {len(texts)} ordinary texts", rows)
    write("personal", {"rows": rows})


def _row(
    name: str, finder: Find, texts: Sequence[str], cases: Mapping[str, Sequence[tuple[str, int, int]]]
) -> dict[str, object]:
    found = {
        kind: sum((start, end) in finder(text).get(kind, ()) for text, start, end in some) / len(some)
        for kind, some in cases.items()
    }
    before = time.thread_time()
    flagged = sum(any(finder(text).values()) for text in texts[:2000])
    spent = (time.thread_time() - before) / len(texts[:2000])
    return {"finder": name, **found, "ordinary texts flagged": flagged / len(texts[:2000]), "µs a text": spent * 1e6}


def _ours(text: str) -> Mapping[str, Spans]:
    found = pii.find(text, KINDS)
    return {kind: [(one.start, one.end) for one in found if one.kind == kind] for kind in KINDS}


def _presidio() -> Find | None:
    """None when presidio is not installed."""
    try:
        library: Any = importlib.import_module("presidio_analyzer.predefined_recognizers")
    except ImportError:
        print("presidio-analyzer is not installed")
        return None
    recognizers = {
        "phone": (library.PhoneRecognizer(supported_regions=["CN"], supported_language="zh"), "PHONE_NUMBER"),
        "bank_card": (library.CreditCardRecognizer(supported_language="zh"), "CREDIT_CARD"),
        "email": (library.EmailRecognizer(supported_language="zh"), "EMAIL_ADDRESS"),
    }
    return lambda text: {
        kind: [(one.start, one.end) for one in recognizer.analyze(text, [entity], None)]
        for kind, (recognizer, entity) in recognizers.items()
    }


def _plant(texts: Sequence[str], chance: random.Random) -> dict[str, list[tuple[str, int, int]]]:
    """Put a value of each kind between the characters of ordinary texts, as people do: with no space around it."""
    makers = {"phone": _phone, "bank_card": _card, "email": _email, "id_card": _identity}
    plain = [text for text in texts if not any(one.isascii() and one.isalnum() for one in text)]
    cases: dict[str, list[tuple[str, int, int]]] = {kind: [] for kind in KINDS}
    for kind in KINDS:
        for text in chance.sample(plain, PLANTED):
            value, at = makers[kind](chance), chance.randint(0, len(text))
            cases[kind].append((text[:at] + value + text[at:], at, at + len(value)))
    return cases


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices("0123456789", k=count))


def _phone(chance: random.Random) -> str:
    parts = (chance.choice(["138", "159", "186", "199"]), _digits(chance, 4), _digits(chance, 4))
    return chance.choice(["", "", " ", "-"]).join(parts)


def _card(chance: random.Random) -> str:
    body = chance.choice(["622202", "621700", "411111"])
    body += _digits(chance, 15 - len(body))
    return next(body + digit for digit in "0123456789" if pii.is_bank_card(body + digit))


def _email(chance: random.Random) -> str:
    name = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=7))
    return f"{name}@{chance.choice(['qq.com', '163.com', 'example.com.cn'])}"


def _identity(chance: random.Random) -> str:
    body = f"110105{chance.randint(1950, 2005)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}{_digits(chance, 3)}"
    return next(body + digit for digit in "0123456789X" if pii.is_id_card(body + digit))


def _texts(half: str) -> list[str]:
    texts = [row["text"] for row in read_tsv(f"C_clean_sentences_zh/clean_{half}.tsv")]
    return texts + find(f"C_clean_sms_nus_zh/messages_{half}.txt").read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    main()
