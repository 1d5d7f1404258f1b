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


ASKED = """\
问题,期望
怎么开发票,orders/invoice
可以开增值税发票吗,orders/cancel
今天股票涨了没有,none
"""


def test_hit_expected_reports_and_compares(knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table, the mistakes, and what changed since the run that was saved."""
    asked, saved = tmp_path / "asked.csv", tmp_path / "run.json"
    asked.write_text(ASKED, encoding="gbk")
    assert run("hit", "--expected", asked, "--save", saved, "--knowledge", knowledge) == 0
    printed = capsys.readouterr().out
    assert [line.split()[-1] for line in printed.splitlines()[1:4]] == ["all", "orders", "none"]
    assert "wrong      可以开增值税发票吗 → orders/cancel → orders/invoice (1.00)" in printed
    assert "improved" not in printed
    asked.write_text(ASKED.replace("orders/cancel", "orders/invoice"), encoding="utf-8-sig")
    assert run("hit", "--expected", asked, "--before", saved, "--knowledge", knowledge) == 0
    printed = capsys.readouterr().out
    assert "since the earlier run: 1 improved, 0 worsened, 2 as before" in printed
    assert "improved  可以开增值税发票吗: wrong orders/invoice (1.00) → right orders/invoice (1.00)" in printed


def test_hit_expected_tells_wrong_rows_before_asking(
    knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of them, by line, and exit code 1; nothing is saved."""
    asked, saved = tmp_path / "asked.csv", tmp_path / "run.json"
    asked.write_text("question,expected\n开发票,orders/invoce\n,none\n", encoding="utf-8")
    assert run("hit", "--expected", asked, "--save", saved, "--knowledge", knowledge) == 1
    out, told = capsys.readouterr()
    assert out == ""
    assert told.splitlines() == [
        f"{asked}:2: there is no entry 'orders/invoce'; write orders/invoice, if that is meant",
        f"{asked}:3: the question is empty; write one or delete the row",
    ]
    assert not saved.exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--save", "run.json"), "--save and --before need --expected FILE"),
        (("--expected", "none.csv"), "none.csv: No such file or directory"),
        (("--expected", "asked.csv", "--before", "asked.csv"), "asked.csv: is no run that hit --save wrote"),
        (("--expected", "asked.csv", "--save", "no/run.json"), "not saved: "),
    ],
)
def test_hit_with_wrong_files_exits_with_2(
    knowledge: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: str,
) -> None:
    """The file is named with the reason."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asked.csv").write_text(ASKED, encoding="utf-8")
    assert run("hit", *words, "--knowledge", knowledge) == 2
    assert capsys.readouterr().err.startswith(told)


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
    for name in COMMANDS:
        with pytest.raises(SystemExit):
            run(name, "--help")
        told = capsys.readouterr().out
        assert "--settings FILE" in told
        assert "--knowledge DIR" in told
