"""The rules of the house that no other tool checks."""

import ast
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

from bot.settings import ROOT

OURS = ("bot", "faq", "adapters", "policies")
SOURCES = [path for name in (*OURS, "benchmarks") for path in sorted((ROOT / name).rglob("*.py"))]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_dependency_owns_one_of_our_names() -> None:
    """`pip install` of a library named like one of our packages would replace it in silence (decision 0001)."""
    for distribution in distributions():
        for file in distribution.files or ():
            assert file.parts[0] not in OURS, f"{distribution.name} installs {file}"


def test_pip_installs_none_of_our_code() -> None:
    """The application runs from its tree; its distribution is a list of dependencies."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "\npackages = []\n" in text


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_short(path: Path) -> None:
    """None is over 40 lines, docstring included."""
    for function in functions(path):
        assert function.end_lineno is not None
        assert function.end_lineno - function.lineno < 40, f"{path}:{function.lineno} {function.name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_have_one_job_and_say_it(path: Path) -> None:
    """Each opens with a docstring and stays under 320 lines; a package's empty __init__ needs none."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 320, "make it a package of the same name"
    assert not text.strip() or ast.get_docstring(ast.parse(text)), "say what the file is for"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top(path: Path) -> None:
    """An import inside a function hides a wrong layer."""
    for function in functions(path):
        for node in ast.walk(function):
            assert not isinstance(node, ast.Import | ast.ImportFrom), f"{path}:{node.lineno}"


def test_exceptions_are_caught_blindly_in_one_place() -> None:
    """`except Exception` stands once, in the inbox."""
    blind = [
        f"{path.relative_to(ROOT)}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert blind == ["bot/inbox.py"]
