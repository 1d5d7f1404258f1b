"""The file of currency rates: read strictly, told when it is old, swapped while serving."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.reload import Live
from bot.settings import Settings
from faq.calculation import lint_rates, read_rates
from faq.calculation.rates import EXAMPLE
from faq.content import ContentError
from faq.embedding import Usem3Embedder
from tests.test_pipeline import message

SOUND = "date: 2026-01-31\nyuan:\n  USD: 7.1\n  JPY: 0.0447\n"
TODAY = date(2026, 2, 10)


def write(path: Path, text: str) -> None:
    """Save a file as an editor does."""
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Rates of ten days ago."""
    path = tmp_path / "rates.yaml"
    write(path, SOUND)
    return path


def test_rates_are_read_exactly(file: Path) -> None:
    """As decimals, not as floats; a yuan is a yuan."""
    rates = read_rates(file)
    assert rates.day == date(2026, 1, 31)
    assert rates.yuan == {"USD": Decimal("7.1"), "JPY": Decimal("0.0447"), "CNY": Decimal(1)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("date: 2026-02-30\nyuan: {USD: 7}\n", ["1: write the day of the rates"]),
        ("date: 2026-01-31\n", ["1: write under yuan:"]),
        ("date: 2026-01-31\nyuan:\n  usd: 7\n  EUR: much\n  GBP: 0\n", ["3: usd is not", "4: EUR: write", "5: GBP: w"]),
        ("day: 2026-01-31\nyuan: [7]\n", ["1: unknown key day", "1: write the day", "2: write under yuan:"]),
    ],
)
def test_every_mistake_is_told_with_its_line(file: Path, text: str, told: list[str]) -> None:
    """All at once, and what to write instead."""
    write(file, text)
    with pytest.raises(ContentError) as refused:
        read_rates(file)
    lines = str(refused.value).splitlines()
    assert len(lines) == len(told)
    assert all(line.startswith(f"{file}:{start}") for line, start in zip(lines, told, strict=True))


def test_old_rates_and_those_to_come_are_warned_of(file: Path) -> None:
    """With the line of the date; ten days are too many for a week, not for a month."""
    assert lint_rates(file, TODAY, 31) == ()
    (old,) = lint_rates(file, TODAY, 7)
    assert (old.warning, old.place.line) == (True, 1)
    assert "10 days old" in old.text
    (early,) = lint_rates(file, date(2026, 1, 30), 7)
    assert early.warning
    write(file, "date: 2026-01-31\n")
    assert not lint_rates(file, TODAY, 7)[0].warning


def test_check_tells_of_the_rates(file: Path, knowledge: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An old file is a warning, a wrong one an error."""
    settings = file.with_name("rates.toml")
    settings.write_text('[content]\nrates = "rates.yaml"\n', encoding="utf-8")
    arguments = ["check", "--settings", str(settings), "--knowledge", str(knowledge)]
    assert main(arguments) == 0
    assert "rates.yaml:1: warning: the rates are" in capsys.readouterr().out
    write(file, "date: soon\nyuan: {USD: 7}\n")
    assert main(arguments) == 1
    assert "rates.yaml:1: write the day" in capsys.readouterr().out


async def test_new_rates_are_live_after_a_reload(settings: Settings, embedder: Usem3Embedder, file: Path) -> None:
    """The answer says their day; a wrong file leaves the old rates serving."""
    content = settings.content.model_copy(update={"rates": file})
    live = Live(settings.model_copy(update={"content": content}), embedder)
    asked = message("100美元换成人民币是多少")

    def answer() -> str:
        outcome = live.current.calculator.answer(asked.text, asked.received)
        assert outcome is not None
        return outcome.text

    assert answer() == "100美元 约合 710元（按 2026-01-31 的参考汇率计算，实际以成交时为准）。"
    write(file, SOUND.replace("7.1", "6.9").replace("01-31", "02-28"))
    await live.reload()
    assert answer() == "100美元 约合 690元（按 2026-02-28 的参考汇率计算，实际以成交时为准）。"
    write(file, "yuan: {}\n")
    await live.reload()
    assert len(live.problems) == 2
    assert "690元" in answer()


def test_old_rates_that_ship_are_told_as_an_example() -> None:
    """The remedy is a file of one's own: what ships is written over by the next version."""
    (told,) = lint_rates(EXAMPLE, read_rates(EXAMPLE).day + timedelta(days=40), 31)
    assert told.warning
    assert told.text.endswith("into a file of your own, named by content.rates: these ship as an example")
