"""Brings FAQs of other systems into knowledge-base files: bytes and texts in, texts out; nothing is read or written."""

from collections.abc import Callable

from faq.importing.jsonl import export_jsonl, read_jsonl
from faq.importing.merging import Outcome, Plan, plan
from faq.importing.rows import Reading, Row
from faq.importing.sheets import read_csv, read_xlsx

READERS: dict[str, Callable[[bytes, str], Reading]] = {".jsonl": read_jsonl, ".csv": read_csv, ".xlsx": read_xlsx}

__all__ = [
    "READERS",
    "Outcome",
    "Plan",
    "Reading",
    "Row",
    "export_jsonl",
    "plan",
    "read_csv",
    "read_jsonl",
    "read_xlsx",
]
