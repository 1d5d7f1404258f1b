"""faq.content: what staff write is read exactly, and what they mistype is told with its line and the remedy."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faq import content
from faq.content import Content, ContentError, KnowledgeBase, Problem, assemble, load, parse
from tests.mistakes import BROKEN, CALCULATION, ENTRY, WRONG, WRONG_CALCULATION

FULL = """\
knowledge_base: account
title: 账号与登录
wrong_answers: 0.03
synonyms:
  - [密码, 口令]
intents:
  - {id: lost-access, examples: [我进不去了, 登不上]}
entries:
  - id: reset-password
    question: 怎么重置登录密码？
    variants:
      - 忘记密码了怎么办
      - 密码忘了
    negatives: [怎么改支付密码]
    answer: |
      打开「我的」。

      点「重置密码」。
    answers: {wechat: 发送「重置密码」按提示操作。}
    valid: {from: 2026-01-01, until: 2026-12-31}
    examples: [登不上去，密码不对]
calculations:
  - id: monthly-payment
    question: 贷款{principal}，年利率{rate}，分{months}期，每月还多少？
    variants: [月供怎么算]
    inputs:
      principal: {type: money, ask: 请问贷款金额是多少？, min: 1}
      rate: {type: percent, ask: 年利率是多少？, default: 4.35%}
      months: {type: duration, unit: month, ask: 分多少期还？}
      kind: {type: choice, ask: 哪种？, choices: {等额本息: 1, 等额本金: 2}}
    formula: principal * rate / 12 + kind
    answer: 每月还款 {result:money}（{working}）。
documents: [account/*.pdf, account/*.md]
"""


def refused(text: str) -> ContentError:
    """What parsing says of a wrong text; fails when nothing is wrong."""
    with pytest.raises(ContentError) as caught:
        parse(text, "a.yaml")
    return caught.value


def test_everything_staff_may_write_is_read() -> None:
    """The file of DESIGN §4 with every optional key gives exactly these values."""
    base = parse(FULL, "account.yaml")
    assert (base.id, base.title, base.wrong_answers) == ("account", "账号与登录", 0.03)
    assert base.synonyms == (("密码", "口令"),)
    assert [(intent.id, intent.examples) for intent in base.intents] == [("lost-access", ("我进不去了", "登不上"))]
    assert base.documents == ("account/*.pdf", "account/*.md")
    (entry,) = base.entries
    assert (entry.id, entry.knowledge_base) == ("reset-password", "account")
    assert entry.phrasings == ("怎么重置登录密码？", "忘记密码了怎么办", "密码忘了")
    assert (entry.negatives, entry.examples) == (("怎么改支付密码",), ("登不上去，密码不对",))
    assert entry.answer == "打开「我的」。\n\n点「重置密码」。"
    assert entry.answer_for("wechat") == "发送「重置密码」按提示操作。"
    assert entry.answer_for("web") == entry.answer


def test_places_are_lines_of_the_file() -> None:
    """An entry and each of its sentences know where they were written."""
    (entry,) = parse(FULL, "account.yaml").entries
    assert str(entry.place) == "account.yaml:9"
    assert [entry.place_of(text).line for text in (*entry.phrasings, *entry.negatives, *entry.examples)] == [
        10, 12, 13, 14, 21,
    ]  # fmt: skip


def test_an_entry_is_valid_from_its_first_to_its_last_day() -> None:
    """Both days of `valid` belong to it; without `valid` every day does."""
    (entry,) = parse(FULL, "account.yaml").entries
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [entry.valid_on(day) for day in days] == [False, True, True, False]
    assert parse(ENTRY, "a.yaml").entries[0].valid_on(date(1, 1, 1))


def test_a_calculation_keeps_its_formula_as_text() -> None:
    """Inputs become typed values; percentages fractions; the formula stays what was written."""
    (calculation,) = parse(FULL, "account.yaml").calculations
    assert calculation.formula == "principal * rate / 12 + kind"
    principal, rate, months, kind = calculation.inputs
    assert (principal.type, principal.minimum, principal.ask) == ("money", Decimal(1), "请问贷款金额是多少？")
    assert rate.default == Decimal("0.0435")
    assert months.unit == "month"
    assert kind.choices == {"等额本息": "1", "等额本金": "2"}


@pytest.mark.parametrize(("text", "line", "remedy"), BROKEN.values(), ids=BROKEN)
def test_broken_yaml_tells_the_line_and_the_remedy(text: str, line: int, remedy: str) -> None:
    """Whatever breaks the YAML, the first problem names its line and what to write instead."""
    problem = refused(text).problems[0]
    assert problem.place.line == line
    assert remedy in problem.text


@pytest.mark.parametrize(("before", "after", "line", "remedy"), WRONG.values(), ids=WRONG)
def test_a_wrong_entry_tells_the_line_and_the_remedy(before: str, after: str, line: int, remedy: str) -> None:
    """One mistake in a good file gives one problem, at its line, with the remedy."""
    assert before in ENTRY
    (problem,) = refused(ENTRY.replace(before, after, 1)).problems
    assert str(problem).startswith(f"a.yaml:{line}: ")
    assert remedy in problem.text


@pytest.mark.parametrize(("before", "after", "line", "remedy"), WRONG_CALCULATION.values(), ids=WRONG_CALCULATION)
def test_a_wrong_calculation_tells_the_line_and_the_remedy(before: str, after: str, line: int, remedy: str) -> None:
    """A mistake in a calculation is found when it is read, not when a customer asks."""
    assert parse(CALCULATION, "a.yaml").calculations
    assert before in CALCULATION
    problems = refused(CALCULATION.replace(before, after, 1)).problems
    assert any(problem.place.line == line and remedy in problem.text for problem in problems)


def test_all_problems_of_all_files_are_told_at_once() -> None:
    """Every mistake of every file is in one error, sorted by file and line."""
    wrong = ENTRY.replace("怎么退款", "12").replace("点退款。", "")
    with pytest.raises(ContentError) as caught:
        assemble({"b.yaml": "entries: [", "a.yaml": wrong, "c.yaml": FULL})
    assert [str(problem.place) for problem in caught.value.problems] == ["a.yaml:4", "a.yaml:5", "b.yaml:1"]
    assert str(caught.value).count("\n") == 2


def test_the_same_question_twice_is_refused() -> None:
    """However it is typed, in one file or in two, as question or as variant, one question has one answer."""
    second = "  - {id: y, question: 如何退钱, variants: [怎麽退款？], answer: 别处。}\n"
    (problem,) = refused(ENTRY + second.replace("麽", "么")).problems
    assert str(problem) == "a.yaml:6: '怎么退款？' is already at a.yaml:4; a question has one answer, delete one"
    other = ENTRY.replace("knowledge_base: a", "knowledge_base: b")
    with pytest.raises(ContentError, match=r"b\.yaml:4: '怎么退款' is already at a\.yaml:4"):
        assemble({"a.yaml": ENTRY, "b.yaml": other})


def test_a_variant_that_repeats_its_own_question_is_no_error() -> None:
    """Within one entry there is nothing to contradict."""
    base = parse(ENTRY.replace("answer:", "variants: [怎么退款？]\n    answer:"), "a.yaml")
    assert base.entries[0].phrasings == ("怎么退款", "怎么退款？")


def test_the_same_name_twice_is_refused() -> None:
    """Ids are unique in their knowledge base, entries and calculations together; knowledge bases in the folder."""
    (problem,) = refused(ENTRY + "  - {id: x, question: 别的, answer: 好}\n").problems
    assert str(problem).startswith("a.yaml:6: id x is already at a.yaml:3")
    (problem,) = refused(ENTRY + CALCULATION.partition("\n")[2].replace("id: c", "id: x")).problems
    assert problem.text.startswith("id x is already at a.yaml:3")
    with pytest.raises(ContentError, match=r"b\.yml:1: knowledge_base a is already at a\.yaml:1"):
        assemble({"a.yaml": ENTRY, "b.yml": "knowledge_base: a\n"})


def write(folder: Path, **files: str | bytes) -> Path:
    """A folder with these files, `x_yaml` standing for `x.yaml`."""
    for name, text in files.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / ".".join(name.rsplit("_", 1))).write_bytes(data)
    return folder


def test_a_folder_is_read_and_other_files_are_not(tmp_path: Path) -> None:
    """*.yaml and *.yml are content; hidden files, other endings and what lies deeper are not."""
    write(tmp_path, account_yaml=FULL, a_yml="\ufeff" + ENTRY.replace("\n", "\r\n"), a_txt="[", note_md="[")
    (tmp_path / ".draft.yaml").write_text("[")
    (tmp_path / "old").mkdir()
    (tmp_path / "old/broken.yaml").write_text("[")
    taught = load(tmp_path)
    assert [base.id for base in taught.knowledge_bases] == ["a", "account"]
    assert [entry.id for entry in taught.entries] == ["x", "reset-password"]


def test_the_version_follows_the_texts_alone(tmp_path: Path) -> None:
    """Another folder, another order of writing, a BOM or other line ends keep the version; a changed word does not."""
    versions = []
    for number, (first, second) in enumerate([(ENTRY, FULL), ("\ufeff" + ENTRY.replace("\n", "\r\n"), FULL)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        versions.append(load(write(folder, b_yaml=second, a_yaml=first)).version)
    assert versions[0] == versions[1]
    assert load(write(tmp_path / "0", a_yaml=ENTRY.replace("点退款", "按退款"))).version != versions[0]


def test_a_file_that_cannot_be_read_is_a_problem_beside_others(tmp_path: Path) -> None:
    """A file in GBK and a folder with a file's name are told together with the mistakes of readable files."""
    write(tmp_path, a_yaml=ENTRY.encode("gbk"), b_yaml="entries: [")
    (tmp_path / "c.yaml").mkdir()
    with pytest.raises(ContentError) as caught:
        load(tmp_path)
    texts = [str(problem) for problem in caught.value.problems]
    assert "a.yaml:4: is not UTF-8; save it as UTF-8" in texts[0]
    assert "b.yaml:1: a value is missing, or a bracket" in texts[1]
    assert "c.yaml:1: cannot be read: Is a directory" in texts[2]


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file larger than the limit is refused before it is read."""
    monkeypatch.setattr(content.loading, "FILE_LIMIT", 10)
    with pytest.raises(ContentError, match=r"a\.yaml:1: is larger than"):
        load(write(tmp_path, a_yaml=ENTRY))


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_a_folder_without_content_is_refused(tmp_path: Path, folder: str) -> None:
    """A folder that is missing or holds no content says so and names --knowledge or the reason."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(ContentError, match=r"No such file|name another folder with --knowledge"):
        load(tmp_path / folder)


def is_content(text: str) -> bool:
    """Whether an answer may be this text (a byte-order mark needs to be written as an escape)."""
    return bool(text.strip()) and not content.fault(text, 10**6)


def test_the_demo_content_is_right() -> None:
    """What ships can be served."""
    demo = load(Path(__file__).parent.parent / "faq/knowledge")
    assert isinstance(demo, Content)
    assert len(demo.entries) >= 100


@given(st.text(st.characters(exclude_characters="\ufeff"), min_size=1).filter(is_content))
@example("yes")
@example("1.0")
@example("- a: b # c")
def test_any_text_in_quotes_is_read_as_written(text: str) -> None:
    """What stands in single quotes is the text itself, apart from the space around it and line ends."""
    line = " ".join(text.split())
    quoted = line.replace("'", "''")
    assert parse(ENTRY.replace("点退款。", f"'{quoted}'"), "a.yaml").entries[0].answer == line


@given(st.text(alphabet=st.sampled_from("ab:：-{}[]'\"|>#&*!%@\t\n ,?\\怎么"), max_size=60))
def test_whatever_is_typed_gives_content_or_a_line(text: str) -> None:
    """Random typing never raises anything but ContentError, and its line is in the file."""
    typed = ENTRY + text
    try:
        problems: tuple[Problem, ...] = ()
        assert isinstance(parse(typed, "a.yaml"), KnowledgeBase)
    except ContentError as error:
        problems = error.problems
    assert all(1 <= problem.place.line <= typed.count("\n") + 1 and problem.text for problem in problems)
