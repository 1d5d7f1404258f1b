"""`index` and `search` as an operator runs them, and the parts that the settings choose."""

import argparse
import io
import json
import re
import sys
from pathlib import Path

import pytest

from bot.commands import index, search
from bot.rag.opening import open_documents
from bot.settings import ROOT, Settings, SettingsError, load
from faq.embedding import Usem3Embedder


@pytest.fixture
def documents(settings: Settings, knowledge: Path) -> Settings:
    """The settings of a knowledge base that names documents, one of them damaged."""
    orders = knowledge / "orders.yaml"
    orders.write_text(orders.read_text(encoding="utf-8") + "documents: ['docs/*']\n", encoding="utf-8")
    (knowledge / "docs").mkdir()
    (knowledge / "docs/退货.md").write_text(
        "# 退货政策\n\n## 期限\n\n自签收之日起7天内可以免费退货。\n", encoding="utf-8"
    )
    (knowledge / "docs/坏.pdf").write_bytes(b"%PDF-1.4 broken")
    return settings


def _run(command: str, settings: Settings, **arguments: object) -> int:
    run = index.run if command == "index" else search.run
    return run(argparse.Namespace(settings=settings, **arguments))


def test_index_tells_what_it_did_and_what_it_skipped(documents: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged document is no failure of the run; the second run reads nothing."""
    assert _run("index", documents, rebuild=False) == 0
    told = capsys.readouterr()
    assert "1 documents written (1 passages), 0 unchanged, 0 removed, 1 skipped" in told.out
    assert "docs/坏.pdf: damaged" in told.err
    assert _run("index", documents, rebuild=False) == 0
    assert "0 documents written (0 passages), 1 unchanged" in capsys.readouterr().out
    assert _run("index", documents, rebuild=True) == 0
    assert "1 documents written" in capsys.readouterr().out
    assert (documents.data / "cache" / "bar.json").exists()


def test_a_terminal_sees_a_bar_that_ends_full(
    documents: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that is rewritten, with what is being read; a file or a pipe gets none of it."""
    assert _run("index", documents, rebuild=False) == 0
    assert "[" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert _run("index", documents, rebuild=True) == 0
    lines = capsys.readouterr().err.split("\r")[1:]
    assert lines[0].startswith(f"[{' ' * 24}] 0/2")
    assert lines[-1].startswith(f"[{'#' * 24}] 2/2")
    assert any("docs/退货.md" in line for line in lines)


def test_search_shows_the_passages_as_json_lines(
    documents: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys are the contract of DESIGN §5; a strange question is not answerable."""
    monkeypatch.setattr("sys.stdin", io.StringIO("几天内可以免费退货？\n红烧肉怎么做\n\n"))
    assert _run("search", documents, top=3) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [row["answerable"] for row in rows] == [True, False, False]
    passage = rows[0]["passages"][0]
    assert passage.keys() == {"document", "section", "page", "score", "text"}
    assert (passage["document"], passage["section"]) == ("docs/退货.md", "期限")
    assert rows[2]["passages"] == []


def test_a_store_that_cannot_be_used_ends_with_two(documents: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The address is named."""
    away = documents.documents.model_copy(update={"store": "http://127.0.0.1:1"})
    assert _run("index", documents.model_copy(update={"documents": away}), rebuild=False) == 2
    assert "http://127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("toml", "remedy"),
    [
        ('[model]\nuse = ["dashscope/qwen-plus"]', "DASHSCOPE_API_KEY"),
        ('[model]\nuse = ["openai/local"]', "model.openai_address"),
        ('[documents]\nrerank = "dashscope/gte-rerank-v2"', "DASHSCOPE_API_KEY"),
        ('[documents]\nembedding = "openai/bge-m3"', "model.openai_address"),
    ],
)
def test_a_model_without_a_key_is_refused_at_the_start(
    toml: str, remedy: str, tmp_path: Path, embedder: Usem3Embedder
) -> None:
    """With the variable or the setting to write; no customer finds out first."""
    (tmp_path / "zhida.toml").write_text(toml, encoding="utf-8")
    with pytest.raises(SettingsError, match=remedy):
        open_documents(load(tmp_path / "zhida.toml", {}), embedder)


def test_a_provider_that_is_none_is_refused_by_the_settings(tmp_path: Path) -> None:
    """A typing error in the name of a provider."""
    (tmp_path / "zhida.toml").write_text('[model]\nuse = ["dashcope/qwen-plus"]', encoding="utf-8")
    with pytest.raises(SettingsError):
        load(tmp_path / "zhida.toml", {})


def test_every_provider_opens_with_its_keys(tmp_path: Path, embedder: Usem3Embedder) -> None:
    """Models in their order, embeddings of a width, a reranker; nothing is called."""
    (tmp_path / "zhida.toml").write_text(
        '[model]\nuse = ["dashscope/qwen-plus", "openai/local"]\nopenai_address = "http://127.0.0.1:1/v1"\n'
        '[documents]\nembedding = "dashscope/text-embedding-v4"\nembedding_width = 512\nrerank = "openai/bge"\n',
        encoding="utf-8",
    )
    opened = open_documents(load(tmp_path / "zhida.toml", {"DASHSCOPE_API_KEY": "sk-x"}), embedder)
    assert opened.health()["model"] == "dashscope/qwen-plus"
    assert opened.passages == 0


def test_the_example_of_the_page_runs(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/documents.md asks the demo's documents and shows the beginning of what comes."""
    page = (ROOT / "docs/documents.md").read_text(encoding="utf-8")
    found = re.search(r"^\$ echo (\S+) \| python -m bot search --top 1\n(.*?)…", page, re.MULTILINE)
    assert found
    monkeypatch.setattr("sys.stdin", io.StringIO(found[1]))
    demo = settings.model_copy(update={"content": Settings().content})
    assert _run("search", demo, top=1) == 0
    assert found[2].rstrip(", ") in capsys.readouterr().out
