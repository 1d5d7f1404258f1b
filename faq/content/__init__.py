"""What the staff taught it: the YAML files of a folder, read strictly into values, every problem with its line."""

from faq.content.loading import SUFFIXES, assemble, files, load, parse, read
from faq.content.model import (
    INPUT_TYPES,
    Argument,
    Calculation,
    Content,
    ContentError,
    Entry,
    Input,
    Intent,
    KnowledgeBase,
    Place,
    Problem,
    Tool,
)
from faq.content.reading import ANSWER_LIMIT, QUESTION_LIMIT, fault, id_fault, knowledge_base_fault, platform_fault

__all__ = [
    "ANSWER_LIMIT",
    "INPUT_TYPES",
    "QUESTION_LIMIT",
    "SUFFIXES",
    "Argument",
    "Calculation",
    "Content",
    "ContentError",
    "Entry",
    "Input",
    "Intent",
    "KnowledgeBase",
    "Place",
    "Problem",
    "Tool",
    "assemble",
    "fault",
    "files",
    "id_fault",
    "knowledge_base_fault",
    "load",
    "parse",
    "platform_fault",
    "read",
]
