"""`calc` as people run it: arguments in, JSON and exit code out."""

import io
import json
from pathlib import Path

import pytest

from bot.__main__ import main

NOW = "2026-01-15T10:00"


def run(*arguments: str | Path) -> int:
    """One command in this process; its exit code."""
    return main([str(argument) for argument in arguments])


def test_calc_prints_the_contract_keys(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Value, unit, working, missing and template, and the sentence for the user."""
    question = "贷款10万，年利率4.35%，分3年，每月还多少"
    assert run("calc", question, "--json", "--knowledge", knowledge) == 0
    row = json.loads(capsys.readouterr().out)
    assert {"value", "unit", "working", "missing", "template"} <= row.keys()
    assert (row["template"], row["unit"], row["missing"]) == ("loan-annuity", "CNY", [])
    assert row["value"].startswith("2967.99")
    assert "2967.99" in row["working"]


def test_calc_says_what_is_missing(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The names of the inputs, and the question for the first of them."""
    assert run("calc", "贷款10万每月还多少", "--json", "--knowledge", knowledge) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["value"], row["missing"]) == (None, ["rate", "months"])


def test_calc_leaves_other_questions(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An FAQ question has no template."""
    assert run("calc", "怎么开发票", "--json", "--knowledge", knowledge) == 0
    assert json.loads(capsys.readouterr().out)["template"] == ""


def test_calc_counts_from_the_time_it_is_given(knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--now makes a relative date repeatable."""
    assert run("calc", "下单后第15天是几号", "--now", NOW, "--knowledge", knowledge) == 0
    assert capsys.readouterr().out == "是 2026-01-30。\n"


def test_read_prints_a_json_line_for_each_text(
    knowledge: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offsets count characters of the line; an empty line has no values."""
    monkeypatch.setattr("sys.stdin", io.StringIO("下周三付3千5百元\n\n"))
    assert run("calc", "--read", "--now", NOW, "--knowledge", knowledge) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == ["下周三付3千5百元", ""]
    values = {value["type"]: value for value in rows[0]["values"]}
    assert values["date"] == {"text": "下周三", "start": 0, "end": 3, "type": "date", "value": "2026-01-21", "unit": ""}
    assert values["currency"]["value"] == "3500"
    assert rows[1]["values"] == []


@pytest.mark.parametrize("arguments", [("calc",), ("calc", "1+1", "--now", "tomorrow")])
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...], knowledge: Path) -> None:
    """No question and nothing to read, or a time that is none."""
    try:
        code = run(*arguments, "--knowledge", knowledge)
    except SystemExit as refusal:
        code = int(refusal.code or 0)
    assert code == 2
