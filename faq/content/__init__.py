"""What the staff taught it: the YAML files of a folder, read strictly into values, every problem with its line."""

from faq.content.loading import SUFFIXES, assemble, load, parse, read
from faq.content.model import (
    INPUT_TYPES,
    Calculation,
    Content,
    ContentError,
    Entry,
    Input,
    Intent,
    KnowledgeBase,
    Place,
    Problem,
)

__all__ = [
    "INPUT_TYPES",
    "SUFFIXES",
    "Calculation",
    "Content",
    "ContentError",
    "Entry",
    "Input",
    "Intent",
    "KnowledgeBase",
    "Place",
    "Problem",
    "assemble",
    "load",
    "parse",
    "read",
]
