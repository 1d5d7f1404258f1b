"""The commands as people run them: arguments in, text and exit code out."""

import io
import json
from pathlib import Path

import pytest

from bot.__main__ import COMMANDS, main
from bot.settings import ROOT


def run(*arguments: str | Path) -> int:
    """One command in this process; its exit code."""
    return main([str(argument) for argument in arguments])


def test_ask_prints_the_answer(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json it is the text alone."""
    assert run("ask", "怎么开发票", "--knowledge", knowledge) == 0
    assert capsys.readouterr().out == "在订单详情页点「申请发票」。\n"


def test_ask_json_tells_why(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The keys of the contract are all there."""
    assert run("ask", "怎么开发票", "--json", "--knowledge", knowledge) == 0
    reply = json.loads(capsys.readouterr().out)
    assert {
        *("text", "source", "knowledge_base", "entry", "score", "suggestions", "citations", "trace"),
    } <= reply.keys()
    assert (reply["source"], reply["knowledge_base"], reply["entry"], reply["score"]) == (
        "exact",
        "orders",
        "invoice",
        1.0,
    )


def test_hit_answers_line_by_line(
    knowledge: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A JSON line for each question, an empty one included; each is a conversation of its own."""
    monkeypatch.setattr("sys.stdin", io.StringIO("怎么开发票\n快递到哪里了呀\n\n2\n"))
    assert run("hit", "--top", "2", "--knowledge", knowledge) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["question"] for row in rows] == ["怎么开发票", "快递到哪里了呀", "", "2"]
    assert [row["source"] for row in rows[::2]] == ["exact", "none"]
    assert rows[1]["candidates"][0] == {"knowledge_base": "orders", "entry": "track", "score": rows[1]["score"]}
    assert all(len(row["candidates"]) <= 2 and row["ms"] > 0 for row in rows)


def test_chat_holds_a_conversation(
    knowledge: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines in, answers out, until the input ends."""
    monkeypatch.setattr("sys.stdin", io.StringIO("怎么开发票\n怎么取消订单\n"))
    assert run("chat", "--why", "--knowledge", knowledge) == 0
    said = capsys.readouterr().out
    assert "申请发票" in said
    assert "取消订单" in said
    assert "[exact orders/cancel 1.00]" in said


def test_wrong_content_exits_with_1(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The place is named, no traceback is shown."""
    (knowledge / "bad.yaml").write_text("knowledge_base: bad\nentrys: []\n", encoding="utf-8")
    assert run("ask", "x", "--knowledge", knowledge) == 1
    told = capsys.readouterr().err
    assert "bad.yaml:2: " in told
    assert "Traceback" not in told


def test_wrong_settings_exit_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key is named with the nearest known one."""
    file = tmp_path / "z.toml"
    file.write_text("[server]\nprot = 1\n", encoding="utf-8")
    assert run("ask", "x", "--settings", file) == 2
    assert "did you mean server.port?" in capsys.readouterr().err


def test_a_wrong_call_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """As argparse does."""
    with pytest.raises(SystemExit) as refused:
        run("aks", "x")
    assert refused.value.code == 2
    assert "aks" in capsys.readouterr().err


def test_serving_off_loopback_needs_keys(capsys: pytest.CaptureFixture[str]) -> None:
    """An open service is never started by accident."""
    assert run("serve", "--host", "0.0.0.0") == 2
    assert "api_keys" in capsys.readouterr().err


def test_settings_prints_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """What it prints stands in the docs."""
    assert run("settings") == 0
    assert capsys.readouterr().out in (ROOT / "docs/settings.md").read_text(encoding="utf-8")


def test_every_command_takes_settings_and_knowledge(capsys: pytest.CaptureFixture[str]) -> None:
    """The contract: all take --settings FILE and --knowledge DIR."""
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2].rstrip("_")
        with pytest.raises(SystemExit):
            run(name, "--help")
        told = capsys.readouterr().out
        assert "--settings FILE" in told
        assert "--knowledge DIR" in told
