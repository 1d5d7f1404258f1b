"""The commands `check` and `import` as staff run them: what is printed, what is written, which exit code."""

import argparse
import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.commands import check, import_
from bot.settings import Settings
from faq.content import load
from tests.mistakes import BROKEN


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> "Run":
    """The commands, run in a folder of the test's own over its own content."""
    monkeypatch.chdir(tmp_path)
    return Run(settings)


class Run:
    """Runs a command line; gives its exit code."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __call__(self, *words: str) -> int:
        """Parse and run, as bot.__main__ does."""
        parser = argparse.ArgumentParser()
        parsers = parser.add_subparsers()
        check.add(parsers)
        import_.add(parsers)
        args = parser.parse_args(words)
        args.settings = self.settings
        return int(args.run(args))


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and what it holds."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def jsonl(path: Path, *rows: dict[str, str]) -> str:
    """Write rows to a file; its name."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path.name


NEW = {"kb": "orders", "id": "address", "question": "怎么改地址", "answer": "发货前可以改。"}
OTHER = {"kb": "orders", "id": "invoice", "question": "怎么开发票？", "answer": "不开发票。"}
FRESH = {"kb": "parking", "id": "fee", "question": "停车怎么收费", "answer": "免费。"}


def test_check_is_silent_over_good_content(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing on standard output, the counts on standard error, exit code 0."""
    assert run("check") == 0
    assert capsys.readouterr() == ("", "0 errors, 0 warnings\n")


@pytest.mark.parametrize(("text", "line", "remedy"), BROKEN.values(), ids=BROKEN)
def test_check_tells_what_is_broken(
    run: Run, knowledge: Path, capsys: pytest.CaptureFixture[str], text: str, line: int, remedy: str
) -> None:
    """Each kind of broken YAML is one or more lines `path:line: …`, and exit code 1."""
    (knowledge / "broken.yaml").write_bytes(text.encode(errors="surrogatepass"))
    assert run("check") == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(f"knowledge/broken.yaml:{line}: ")
    assert remedy in printed[0] or "is not UTF-8" in printed[0]


def test_check_tells_doubtful_and_wrong_rules(
    run: Run, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A word of one character is a warning, an unknown action an error; both with their line."""
    rules = tmp_path / "rules"
    rules.mkdir()
    run.settings = settings.model_copy(update={"content": settings.content.model_copy(update={"rules": rules})})
    (rules / "x.yaml").write_text("category: x\nwords: [赌博, 赌]\n", encoding="utf-8")
    assert run("check") == 0
    assert capsys.readouterr().out.startswith("rules/x.yaml:2: `赌` is one character")
    (rules / "y.yaml").write_text("category: y\nin: blok\nwords: [赌博]\n", encoding="utf-8")
    assert run("check") == 1
    assert "rules/y.yaml:2: unknown `blok`; write `block`" in capsys.readouterr().out


def test_check_warns_without_failing(run: Run, knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An entry that expired is told, and the content can still be served."""
    past = date.today() - timedelta(days=2)  # noqa: DTZ011  # two days ago in every time zone
    entry = f"{{id: a, question: 年货什么时候发, answer: 年前发。, valid: {{until: {past}}}}}"
    (knowledge / "sale.yaml").write_text(f"knowledge_base: sale\nentries:\n  - {entry}\n", encoding="utf-8")
    assert run("check") == 0
    out, counts = capsys.readouterr()
    assert out.startswith(f"knowledge/sale.yaml:3: warning: a expired on {past}")
    assert counts == "0 errors, 1 warnings\n"


TWINS = """\
knowledge_base: account
entries:
  - id: forgot
    question: 怎么重置登录密码呢
    answer: 点「忘记密码」。
    examples: [{example}]
  - id: reset
    question: 怎么重置登录密码啊
    answer: 找客服重置。
"""


@pytest.mark.parametrize(
    ("example", "code", "told"),
    [
        ("今天股票涨了没有", 0, "knowledge/account.yaml:6: warning: the example '今天股票涨了没有' is not answered"),
        (
            "请问可以开增值税发票吗",
            1,
            "knowledge/account.yaml:6: the example '请问可以开增值税发票吗' is answered with '可以开增值税发票吗' of",
        ),
    ],
)
def test_check_asks_the_examples(
    run: Run, knowledge: Path, capsys: pytest.CaptureFixture[str], example: str, code: int, told: str
) -> None:
    """One that another entry answers is an error, one that finds no answer a warning."""
    (knowledge / "account.yaml").write_text(TWINS.format(example=example), encoding="utf-8")
    assert run("check") == code
    (printed,) = capsys.readouterr().out.splitlines()
    assert printed.startswith(told)


def test_check_deep_finds_what_stands_in_the_way(run: Run, knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two entries that ask the same are told by --deep alone."""
    (knowledge / "account.yaml").write_text(TWINS.format(example="重置登录密码"), encoding="utf-8")
    assert run("check", "--deep") == 0
    out, counts = capsys.readouterr()
    assert "which answers differently; give both one answer, or write each into the negatives of the other" in out
    assert counts.startswith("0 errors, ")
    run("check")
    assert "differently" not in capsys.readouterr().out


def test_check_deep_of_what_cannot_be_loaded_is_a_plain_check(
    run: Run, knowledge: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is asked of a content that is refused."""
    (knowledge / "bad.yaml").write_text("knowledge_base: bad\nentrys: []\n", encoding="utf-8")
    assert run("check", "--deep") == 1
    assert capsys.readouterr().out.startswith("knowledge/bad.yaml:2: unknown key 'entrys'")


def test_check_looks_at_rules_and_phrases_too(
    run: Run, tmp_path: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of rules that is not there and wrong phrases are errors like any other."""
    (tmp_path / "phrases.yaml").write_text("zh: []\n", encoding="utf-8")
    places = {"rules": tmp_path / "no-rules", "phrases": tmp_path / "phrases.yaml"}
    run.settings = settings.model_copy(update={"content": settings.content.model_copy(update=places)})
    assert run("check") == 1
    printed = capsys.readouterr().out
    assert "no-rules" in printed
    assert "phrases.yaml" in printed


def test_a_dry_run_says_what_would_be_done(
    run: Run, knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Counts for each knowledge base, conflicts with their place, and not a byte written."""
    before = files(knowledge)
    name = jsonl(tmp_path / "old.jsonl", NEW, OTHER, FRESH)
    assert run("import", name, "--dry-run") == 1
    assert capsys.readouterr().out.splitlines() == [
        "old.jsonl:2: invoice differs from knowledge/orders.yaml:13 in answer; --replace takes what is imported",
        "orders: 1 new, 1 conflicting",
        "parking: 1 new",
        "dry run: nothing written",
    ]
    assert files(knowledge) == before


def test_import_adds_and_a_second_import_changes_nothing(
    run: Run, knowledge: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """New entries go below the others and into new files; the old text is a prefix of the new."""
    before = files(knowledge)["orders.yaml"]
    name = jsonl(tmp_path / "old.jsonl", NEW, FRESH)
    assert run("import", name) == 0
    assert "written: knowledge/orders.yaml" in capsys.readouterr().out
    after = files(knowledge)
    assert sorted(after) == ["orders.yaml", "parking.yaml"]
    assert after["orders.yaml"].startswith(before)
    assert [entry.id for entry in load(knowledge).entries][-2:] == ["address", "fee"]
    assert run("import", name) == 0
    assert capsys.readouterr().out == "orders: 1 unchanged\nparking: 1 unchanged\n"
    assert files(knowledge) == after


def test_import_replaces_only_when_told(run: Run, knowledge: Path, tmp_path: Path) -> None:
    """The same id with another answer stays as it is until --replace."""
    before = files(knowledge)
    name = jsonl(tmp_path / "old.jsonl", OTHER)
    assert run("import", name) == 1
    assert files(knowledge) == before
    assert run("import", name, "--replace") == 0
    answers = {entry.id: entry.answer for entry in load(knowledge).entries}
    assert answers["invoice"] == "不开发票。"


def test_import_puts_every_row_where_the_call_says(run: Run, knowledge: Path, tmp_path: Path) -> None:
    """--knowledge-base wins over the file; without either the file's name is the knowledge base."""
    assert run("import", jsonl(tmp_path / "old.jsonl", NEW, FRESH), "--knowledge-base", "misc") == 0
    (tmp_path / "票务.csv").write_text("问题,答案\n怎么退票,在窗口退\n", encoding="gbk")
    assert run("import", "票务.csv") == 0
    assert sorted(files(knowledge)) == ["misc.yaml", "orders.yaml", "票务.yaml"]


def test_import_writes_nothing_when_a_file_cannot_be_written(
    run: Run,
    knowledge: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A disk that is full at the second file leaves the first as it was and no remains; exit code 2."""
    before = files(knowledge)
    synced: list[int] = []

    def full(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run("import", jsonl(tmp_path / "old.jsonl", NEW, FRESH)) == 2
    assert capsys.readouterr().err == "nothing written: [Errno 28] No space left on device\n"
    assert files(knowledge) == before


def test_import_follows_links_and_keeps_the_mode(run: Run, knowledge: Path, tmp_path: Path) -> None:
    """A linked file is changed where it lies; who may read it stays."""
    real = tmp_path / "real.yaml"
    (knowledge / "orders.yaml").rename(real)
    (knowledge / "orders.yaml").symlink_to(real)
    real.chmod(0o640)
    assert run("import", jsonl(tmp_path / "old.jsonl", NEW)) == 0
    assert (knowledge / "orders.yaml").is_symlink()
    assert "怎么改地址" in real.read_text(encoding="utf-8")
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("name", "reason"), [("none.csv", "there is no such file"), ("old.xls", "import reads .jsonl, .csv, .xlsx")]
)
def test_import_of_what_it_cannot_read_is_a_wrong_call(
    run: Run, capsys: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    """A missing file or another format is exit code 2 and a sentence on standard error."""
    assert run("import", name) == 2
    assert reason in capsys.readouterr().err


def test_check_compiles_the_formulas(run: Run, knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A formula with a name that nobody fills in is an error at its line."""
    (knowledge / "fees.yaml").write_text(
        "knowledge_base: fees\ntitle: 费用\nentries: []\ncalculations:\n"
        "  - id: fee\n    question: 买{count}件多少钱\n    inputs: {count: {type: count, ask: 几件？}}\n"
        "    formula: count * prize\n    answer: 共{result}元。\n",
        encoding="utf-8",
    )
    assert run("check") == 1
    assert "fees.yaml:8: " in capsys.readouterr().out
