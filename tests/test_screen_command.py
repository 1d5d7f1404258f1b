"""The `screen` command: the contract of its JSON lines, lists, allowed words, calibration."""

import argparse
import io
import json
from pathlib import Path

import pytest

from bot.commands import screen
from bot.settings import Settings
from policies import RulesError, segmentation


def run(monkeypatch: pytest.MonkeyPatch, stdin: str, *arguments: str) -> int:
    """Run the command on these lines."""
    parser = argparse.ArgumentParser()
    screen.add(parser.add_subparsers())
    args = parser.parse_args(["screen", *arguments])
    args.settings = Settings()
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return int(args.run(args))


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """Give what was printed."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_texts_are_screened_by_the_rules(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON line a text, places in the original."""
    assert run(monkeypatch, "我要去赌-博網站\n我想退款\n") == 0
    first, second = rows(capsys)
    assert first == {
        "text": "我要去赌-博網站",
        "action": "block",
        "masked": "我要去*****",
        "hits": [{"word": "赌博网站", "start": 3, "end": 8, "category": "gambling"}],
    }
    assert second == {"text": "我想退款", "action": "pass", "masked": "我想退款", "hits": []}


def test_a_plain_list_replaces_the_rules_and_allowed_words_spare(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """--words, --allow, categories of the lines, --inside-words."""
    (tmp_path / "words.txt").write_text("# list\n\n口交\tporn\nav\n", encoding="utf-8")
    (tmp_path / "allow.txt").write_text("地铁口交易\n", encoding="utf-8")
    lists = ["--words", str(tmp_path / "words.txt"), "--allow", str(tmp_path / "allow.txt")]
    run(monkeypatch, "地铁口交易\n口交\nhave\nav\n", *lists)
    assert [[hit["category"] for hit in row["hits"]] for row in rows(capsys)] == [[], ["porn"], [], ["list"]]  # type: ignore[attr-defined]
    run(monkeypatch, "have\n", *lists, "--inside-words")
    assert rows(capsys)[0]["masked"] == "h**e"


def test_overlapping_hits_are_shown_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """By default the longest from the left, as people read; all of them when asked."""
    (tmp_path / "words.txt").write_text("我的\n我的世界\n世界\n", encoding="utf-8")
    for more, expected in (([], ["我的世界"]), (["--overlapping"], ["我的世界", "我的", "世界"])):
        run(monkeypatch, "我的世界\n", "--words", str(tmp_path / "words.txt"), *more)
        assert [hit["word"] for hit in rows(capsys)[0]["hits"]] == expected  # type: ignore[attr-defined]


def test_calibration_prints_a_list_that_allow_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What it proposes, given back, leaves the same messages without a hit."""
    words, messages, allow = (str(tmp_path / name) for name in ("words.txt", "messages.txt", "allow.txt"))
    Path(words).write_text("手机\n赌博\n", encoding="utf-8")
    Path(messages).write_text("买手机\n手机坏了\n没事\n", encoding="utf-8")
    run(monkeypatch, "", "--words", words, "--calibrate", messages)
    printed = capsys.readouterr().out
    assert printed == "# 手机 (list): 2 messages, such as: 买手机\n手机\n"
    Path(allow).write_text(printed, encoding="utf-8")
    run(monkeypatch, "买手机\n赌博\n", "--words", words, "--allow", allow)
    assert [len(row["hits"]) for row in rows(capsys)] == [0, 1]  # type: ignore[arg-type]


def test_calibration_says_what_to_expect_and_what_to_mark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Of enough messages; as comments, and the option it proposes does what it says."""
    words, messages = (str(tmp_path / name) for name in ("words.txt", "messages.txt"))
    before = "来去想要会能敢肯该可"
    Path(words).write_text("\n".join(f"{one}干" for one in before), encoding="utf-8")
    texts = [f"你{one}干吗" for one in before] + [f"没事{number}号" for number in range(90)]
    Path(messages).write_text("\n".join(texts), encoding="utf-8")
    run(monkeypatch, "", "--words", words, "--calibrate", messages)
    last = capsys.readouterr().out.splitlines()[-2:]
    assert last[0] == "# Of other messages about 10.00% will be flagged with these allowed; 10.00% now."
    assert last[1].startswith("# Mark ambiguous: with `ambiguous_up_to: 2` in the category about ")
    run(monkeypatch, "你来干吗\n来干\n", "--words", words, "--ambiguous-up-to", "2")
    assert [len(row["hits"]) for row in rows(capsys)] == [0, 1]  # type: ignore[arg-type]
    monkeypatch.setattr(segmentation, "_segmenter", lambda: None)
    with pytest.raises(RulesError, match="segmentation"):
        run(monkeypatch, "", "--words", words, "--ambiguous-up-to", "2")


@pytest.mark.parametrize("content", [None, "赌博".encode("gbk"), b"\tx\n"])
def test_a_list_that_cannot_be_read_is_told_with_its_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    """Missing, in GBK, or with a wrong line: the content is wrong, exit code 1 by the caller."""
    file = tmp_path / "words.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RulesError, match=r"words\.txt:1: "):
        run(monkeypatch, "", "--words", str(file))
