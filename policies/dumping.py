"""A Policy as bytes: built once, loaded by many processes in milliseconds.

The form is our own (a JSON head and byte strings after it, a checksum before all) and changes with FORMAT; it holds
no code. Bytes of another format or with a wrong checksum are refused: build from the rules then.
"""

import hashlib
import json
from array import array
from dataclasses import asdict
from typing import Any

from policies import evasions
from policies.lines import Lines
from policies.listing import Listing
from policies.policy import Allowed, Policy
from policies.readings import Reading
from policies.rulebook import Category, Problem, Word
from policies.scanning import Scanner
from policies.verdict import Action, Direction
from policies.words import Doubled, Lexicon

FORMAT = b"zhida-policy-8\n"


class BadDump(Exception):
    """The bytes are not a policy of this format; build it from the rules."""


def dump(policy: Policy) -> bytes:
    """Give `policy` as bytes. Sizes: about 19 MB for 100,000 words."""
    parts: list[bytes] = []
    head: dict[str, Any] = {
        "categories": [_category(one) for one in policy.categories],
        "warnings": policy.warnings,
        "listing": _listing(policy.listing, parts),
        "readings": [_reading(one, parts) for one in policy.readings if one.name != "even"],
    }
    if policy.allowed_words:
        head["allowed"] = [_reading(one, parts) for one in policy.allowed_words.readings]
        head["allowed_categories"] = policy.allowed_words.categories
    head["parts"] = [len(part) for part in parts]
    text = json.dumps(head, ensure_ascii=False).encode("utf-8", "surrogatepass")
    body = b"".join([len(text).to_bytes(8, "big"), text, *parts])
    return FORMAT + hashlib.sha256(body).digest() + body


def restore(data: bytes) -> Policy:
    """Make the policy again. Raises BadDump."""
    start = len(FORMAT) + 32
    body = memoryview(data)[start:]
    if data[: len(FORMAT)] != FORMAT or hashlib.sha256(body).digest() != data[len(FORMAT) : start]:
        raise BadDump("not a policy of this format, or damaged; build it from the rules")
    size = int.from_bytes(body[:8], "big")
    head = json.loads(bytes(body[8 : 8 + size]).decode("utf-8", "surrogatepass"))
    parts, at = [], 8 + size
    for length in head["parts"]:
        parts.append(bytes(body[at : at + length]))
        at += length
    readings = [_restored(shape, parts) for shape in head["readings"]]
    allowed = [_restored(shape, parts) for shape in head.get("allowed", ())]
    spelled, kinds = (parts[number] for number in head["listing"])
    listing = Listing(json.loads(spelled.decode("utf-8", "surrogatepass")), array("I", kinds))
    categories = [_restored_category(one) for one in head["categories"]]
    allowed_words = Allowed(allowed, head["allowed_categories"]) if "allowed" in head else None
    warnings = [Problem(*warning) for warning in head["warnings"]]
    return Policy(
        categories, listing, [readings[0], evasions.even(readings[0]), *readings[1:]], allowed_words, warnings
    )


def _listing(listing: Listing, parts: list[bytes]) -> list[int]:
    return _add(
        [json.dumps(listing.spelled, ensure_ascii=False).encode("utf-8", "surrogatepass"), listing.kinds.tobytes()],
        parts,
    )


def _reading(reading: Reading, parts: list[bytes]) -> dict[str, Any]:
    lexicon, doubled = reading.lexicon, reading.lexicon.doubled
    arrays = (doubled.places, doubled.longer, lexicon.numbers)
    scanners = (lexicon.scanner.serialize(), doubled.scanner.serialize())
    columns = [*scanners, *_bytes(doubled.forms), lexicon.lengths.tobytes(), *(one.tobytes() for one in arrays)]
    return {"name": reading.name, "parts": _add(columns, parts), "beside": lexicon.beside, "pairs": lexicon.pairs}


def _add(columns: list[bytes], parts: list[bytes]) -> list[int]:
    parts += columns
    return list(range(len(parts) - len(columns), len(parts)))


def _restored(shape: dict[str, Any], parts: list[bytes]) -> Reading:
    scanner, by_runs, joined, starts, lengths, *columns = (parts[number] for number in shape["parts"])
    places, longer, numbers = (array("I", column) for column in columns)
    doubled = Doubled(places, _lines(joined, starts), longer, Scanner.deserialize(by_runs))
    scans = Scanner.deserialize(scanner)
    lexicon = Lexicon(numbers, array("h", lengths), doubled, shape["beside"], shape["pairs"], scans)
    return evasions.restore(shape["name"], lexicon)


def _category(category: Category) -> dict[str, Any]:
    return asdict(category) | {"readings": sorted(category.readings), "ambiguous": sorted(category.ambiguous)}


def _restored_category(shape: dict[str, Any]) -> Category:
    actions = {
        Direction(side): {int(level): Action(action) for level, action in levels.items()}
        for side, levels in shape["actions"].items()
    }
    tuples = {key: tuple(shape[key]) for key in ("words", "allow", "patterns", "orders")}
    phrases = tuple(Word(*phrase) for phrase in shape["phrases"])
    sets = {key: frozenset(shape[key]) for key in ("readings", "ambiguous")}
    return Category(**{**shape, **tuples, **sets, "actions": actions, "phrases": phrases})


def _bytes(lines: Lines) -> list[bytes]:
    return [lines.joined.encode("utf-8", "surrogatepass"), lines.starts.tobytes()]


def _lines(joined: bytes, starts: bytes) -> Lines:
    return Lines(joined.decode("utf-8", "surrogatepass"), array("I", starts))
