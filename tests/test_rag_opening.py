"""The documents as the settings open them: read apart, and one file that ends the reader does not end the reading."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from bot.rag import opening
from bot.rag.apart import WorkDied
from bot.rag.opening import open_documents
from bot.rag.store import Gathered
from bot.settings import Settings
from faq.embedding import Usem3Embedder
from tests.test_rag_indexing import content


async def test_a_file_that_ends_the_reader_is_left_out(
    settings: Settings, tmp_path: Path, embedder: Usem3Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the process dies at a file; both are named with the reason, the third is found."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("a.md", "bad.md", "worse.md"):
        (folder / name).write_text(f"# {name}\n\n七天内可以免费退货。\n", encoding="utf-8")

    async def run(work: Callable[[], Gathered], _: type[Exception]) -> Gathered:
        assert isinstance(work, partial)
        _, files, reading = work.args
        deadly = [file for file in files if file.document != "a.md"]
        if deadly:
            reading.write_text(str(deadly[0].path), encoding="utf-8")
            raise WorkDied("exit code -11")
        return await asyncio.to_thread(work)

    monkeypatch.setattr(opening, "run_apart", run)
    documents = open_documents(settings, embedder)
    report = await documents.refresh(content(folder, "*.md"))
    assert report is not None
    assert [remark.document for remark in report.skipped] == ["bad.md", "worse.md"]
    assert "-11" in report.skipped[0].text
    assert documents.passages == 1


async def test_a_reader_that_dies_at_no_file_is_told(
    settings: Settings, tmp_path: Path, embedder: Usem3Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was in memory goes on answering, and the operator sees why nothing was read."""
    (tmp_path / "a.md").write_text("# a\n\n七天内可以免费退货。\n", encoding="utf-8")

    async def run(work: Callable[[], Gathered], _: type[Exception]) -> Gathered:
        raise WorkDied("exit code 1")

    monkeypatch.setattr(opening, "run_apart", run)
    documents = open_documents(settings, embedder)
    assert await documents.refresh(content(tmp_path, "*.md")) is None
    assert "exit code 1" in documents.state
