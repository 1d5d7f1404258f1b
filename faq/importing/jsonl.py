"""JSON lines: `{"kb", "id", "question", "answer", "variants", "hard_negatives"}`, one FAQ a line.

`export_jsonl` writes what `read_jsonl` reads, with `answers`, `valid` and `examples` where an entry has them.
"""

import json
from collections.abc import Mapping
from datetime import date

from faq.content import Content, Entry, Place
from faq.importing.rows import Reading, Row, sentence, tidy

_NAMES = {
    "kb": "knowledge_base",
    "knowledge_base": "knowledge_base",
    "id": "id",
    "question": "question",
    "answer": "answer",
    "variants": "variants",
    "hard_negatives": "negatives",
    "negatives": "negatives",
    "examples": "examples",
    "answers": "answers",
    "valid": "valid",
}
_TEXTS = ("variants", "negatives", "examples")


class _Wrong(Exception):
    """A value that is not what its field holds; the text says what is."""


def read_jsonl(data: bytes, path: str) -> Reading:
    """Every line a row; a wrong line is a problem and the others are still read."""
    reading = Reading()
    ignored: dict[str, Place] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        place = Place(path, number)
        if not line.strip():
            continue
        try:
            record = _record(line)
            reading.add(_row(record, place))
        except _Wrong as error:
            reading.refuse(place, f"row skipped: {error}")
        else:
            ignored |= dict.fromkeys(record.keys() - _NAMES.keys() - ignored.keys(), place)
    for key, place in sorted(ignored.items()):
        reading.warn(place, f"the field {key[:40]!r} is not imported; the fields are {', '.join(_NAMES)}")
    return reading


def export_jsonl(content: Content) -> str:
    """Every entry as a line that `read_jsonl` reads back to the same entry."""
    return "".join(json.dumps(_exported(entry), ensure_ascii=False) + "\n" for entry in content.entries)


def _exported(entry: Entry) -> dict[str, object]:
    valid = {"from": entry.valid_from, "until": entry.valid_until}
    optional = {
        "answers": dict(entry.answers),
        "valid": {name: str(day) for name, day in valid.items() if day},
        "examples": entry.examples,
    }
    return {
        "kb": entry.knowledge_base,
        "id": entry.id,
        "question": entry.question,
        "answer": entry.answer,
        "variants": entry.variants,
        "hard_negatives": entry.negatives,
        **{name: value for name, value in optional.items() if value},
    }


def _record(line: bytes) -> dict[str, object]:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise _Wrong("not UTF-8; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"not JSON ({error}); write one object a line") from error
    if not isinstance(record, dict):
        raise _Wrong('not an object; write {"question": …, "answer": …}')
    return record


def _row(record: Mapping[str, object], place: Place) -> Row:
    given = {_NAMES[key]: value for key, value in record.items() if key in _NAMES and value is not None}
    variants, negatives, examples = (_texts(given, key) for key in _TEXTS)
    return Row(
        place=place,
        question=sentence(_text(given, "question")),
        answer=_text(given, "answer"),
        knowledge_base=_text(given, "knowledge_base"),
        id=_text(given, "id"),
        variants=variants,
        negatives=negatives,
        examples=examples,
        answers=_map(given, "answers"),
        valid=_valid(given),
    )


def _text(given: Mapping[str, object], key: str) -> str:
    value = given.get(key, "")
    if key == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise _Wrong(f"{key} must be a text")
    return tidy(value)


def _texts(given: Mapping[str, object], key: str) -> tuple[str, ...] | None:
    if key not in given:
        return None
    value = given[key]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Wrong(f"{key} must be a list of texts")
    return tuple(text for text in map(sentence, value) if text)


def _map(given: Mapping[str, object], key: str) -> dict[str, str] | None:
    if key not in given:
        return None
    value = given[key]
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise _Wrong(f"{key} must be an object of texts")
    return {name: tidy(item) for name, item in value.items()}


def _valid(given: Mapping[str, object]) -> tuple[date | None, date | None] | None:
    days = _map(given, "valid")
    if days is None:
        return None
    try:
        first, last = (date.fromisoformat(days[name]) if name in days else None for name in ("from", "until"))
    except ValueError as error:
        raise _Wrong("valid holds no date; write it as 2026-01-31") from error
    return first, last
