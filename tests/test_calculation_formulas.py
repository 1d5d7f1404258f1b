"""The formula language: what it computes, what it refuses, what `check` finds wrong before anyone asks."""

from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.calculation import compile_content, finance
from faq.calculation.arithmetic import find
from faq.calculation.conversion import Quantity, Rates, UnitError, dimensionality, factor
from faq.calculation.expressions import Evaluation, ExpressionError, Item, TroubleError, parse
from faq.calculation.functions import build
from faq.calculation.reading.units import UNITS
from faq.calculation.scales import SCALES
from faq.content import Content
from faq.content import parse as parse_content

TODAY = date(2026, 1, 15)
RATES = Rates(date(2026, 1, 1), {"CNY": Decimal(1), "USD": Decimal(7)})
TIERS = {"tax": ((Decimal(36000), Decimal("0.03")), (Decimal(144000), Decimal("0.1")), (None, Decimal("0.2")))}


def compute(formula: str, **values: Item) -> Item:
    """The result of a formula on TODAY."""
    return Evaluation(values, build(TODAY, TIERS, RATES)).run(parse(formula))["result"]


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("(12.5 + 3) * 4", "62.0"), ("7 // 2 + 7 % 2", "4"), ("-7 // 2", "-4"), ("2 ** 10", "1024"),
        ("1 if 3 > 2 and not 1 > 2 else 0", "1"),
        ("round(2.345, 2)", "2.35"), ("round(2.345, 2, 'half_even')", "2.34"), ("ceil(2.1) + floor(2.9)", "5"),
        ("min(3, 1, 2) + max(1, 2)", "3"),
        ("sum(k * 2, k, 1, 10)", "110"), ("progressive('tax', 50000)", "2480.00"), ("bracket('tax', 36000)", "0.03"),
        ("sqrt(16)", "4"),
        ("a = 2\nb = a * 3\nb + a", "8"), ("0.1 + 0.2", "0.3"),
    ],
)  # fmt: skip
def test_formulas_compute_in_decimal(formula: str, result: str) -> None:
    """Operators, conditions, lines, sums and tables."""
    assert compute(formula) == Decimal(result)


def test_dates_move_and_subtract() -> None:
    """Days, months and working days; New Year's Day is not worked, the Sunday after it is made up."""
    assert compute("start + 15", start=date(2026, 2, 20)) == date(2026, 3, 7)
    assert compute("end - start", start=date(2026, 1, 1), end=date(2026, 5, 1)) == 120
    assert compute("add_months(day, 1)", day=date(2026, 1, 31)) == date(2026, 2, 28)
    assert compute("add_workdays(day, 3)", day=date(2025, 9, 30)) == date(2025, 10, 11)
    assert compute("workdays(a, b)", a=date(2025, 10, 1), b=date(2025, 10, 8)) == 0


_IN_PINT = {  # what pint calls otherwise, defines otherwise (years, kilobytes, tons) or does not know
    "ton": "metric_ton", "horsepower": "metric_horsepower", "month": "365 day / 12", "year": "365 day",
    "kilobyte": "kibibyte", "megabyte": "mebibyte", "gigabyte": "gibibyte", "terabyte": "tebibyte",
    "li": "500 meter", "zhang": "10 meter / 3", "chi": "meter / 3", "cun": "meter / 30",
    "barrel": "oil_barrel", "acre": "4840 yard ** 2", "mu": "2000 meter ** 2 / 3", "qing": "200000 meter ** 2 / 3",
    "jin": "500 gram", "liang": "50 gram", "dan": "50 kilogram", "CNY": "yuan",
    "meter_per_millisecond": "meter / millisecond", "centimeter_per_millisecond": "centimeter / millisecond",
    "kilometer_per_millisecond": "kilometer / millisecond",
}  # fmt: skip


def in_pint(unit: str) -> str:
    """A unit of ours as pint writes it."""
    for name, power in (("square_", 2), ("cubic_", 3)):
        if unit.startswith(name):
            return f"{unit.removeprefix(name)} ** {power}"
    return _IN_PINT.get(unit, unit)


def test_the_table_of_units_is_that_of_pint() -> None:
    """What each unit measures and how large it is agree with pint; every unit that is read is in the table."""
    units: Any = pint.UnitRegistry()
    units.define("yuan = [currency]")
    for scale in SCALES:
        first = next(iter(scale.units))
        for unit in scale.units:
            theirs = units.Quantity(in_pint(unit))
            measured = {name: power for name, power in dimensionality(unit).items() if name != "[information]"}
            assert measured == theirs.dimensionality, unit  # to pint a bit measures nothing
            assert theirs.to(in_pint(first)).magnitude == pytest.approx(float(factor(unit, first)), rel=1e-12), unit
    assert UNITS.keys() - {"C", "F", "K"} <= {unit for scale in SCALES for unit in scale.units}


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        ("1 / 0", "division_by_zero"), ("0 ** -1", "division_by_zero"), ("5 % 0", "division_by_zero"),
        ("10**10**10", "too_large"),
        ("9**9**9**9", "too_large"), ("sum(k, k, 1, 10**9)", "too_large"), ("sqrt(-1)", "no_solution"),
        ("(0-8) ** 0.5", "no_solution"),
        ("today() + 10**9", "too_large"), ("irr(1, 2, 3)", "no_solution"), ("round(1, 2, 'sideways')", "type"),
        ("today() * 2", "type"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_is_told_by_kind(formula: str, kind: str) -> None:
    """Each trouble names the phrase that tells the user."""
    with pytest.raises(TroubleError) as trouble:
        compute(formula)
    assert trouble.value.kind == kind


@pytest.mark.parametrize(
    "formula",
    ["__import__('os')(1)", "x.real", "[1][0]", "lambda: 1", "f'{1}'",
     "-" * 200 + "1", "a = 1", "1 +", "{1: 2}", "a := 1",
     "print(1, sep='')", "True"],
)  # fmt: skip
def test_nothing_but_arithmetic_is_a_formula(formula: str) -> None:
    """Attributes, subscripts, lambdas and calls of calls are refused, not run."""
    with pytest.raises(ExpressionError):
        parse(formula)


@given(
    st.decimals(min_value=1, max_value=10**6, places=2),
    st.decimals(min_value=Decimal("0.0001"), max_value=Decimal("0.03"), places=6),
    st.integers(min_value=1, max_value=480),
)
def test_a_loan_is_repaid_by_its_payments(principal: Decimal, rate: Decimal, months: int) -> None:
    """What is left after all payments is nothing; interest and repayment make the payment of every month."""
    with localcontext() as context:
        context.prec = 40
        payment = finance.pmt(rate, Decimal(months), principal)
        assert abs(finance.fv(rate, Decimal(months), payment, principal)) < Decimal("1e-9")
        parts = finance.ipmt(rate, Decimal(1), Decimal(months), principal) + finance.ppmt(
            rate, Decimal(1), Decimal(months), principal
        )
        assert abs(parts - payment) < Decimal("1e-20")
        assert abs(finance.nper(rate, payment, principal) - months) < Decimal("1e-9")


def test_the_internal_rate_makes_the_flows_worth_nothing() -> None:
    """The value of numpy-financial's documentation, and the equation it solves."""
    rate = finance.irr([Decimal(flow) for flow in (-100, 39, 59, 55, 20)])
    assert abs(rate - Decimal("0.2809484")) < Decimal("1e-6")


def test_units_convert_exactly() -> None:
    """Chinese units, temperatures by their offset, money by the rates."""
    assert Quantity(Decimal(3), "jin").to("gram").amount == 1500
    assert Quantity(Decimal(3), "mu").to("square_meter").amount.quantize(Decimal("0.000001")) == 2000
    assert round(Quantity(Decimal("36.5"), "C").to("F").amount, 9) == Decimal("97.7")
    assert RATES.exchange(Quantity(Decimal(100), "USD"), "CNY").amount == 700
    with pytest.raises(UnitError):
        Quantity(Decimal(3), "jin").to("meter")


@pytest.mark.parametrize(
    ("question", "result"),
    [
        ("(12.5+3)*4等于多少", "62"), ("100的15%是多少", "15"), ("3加5乘2", "13"), ("一百二十加三十等于几", "150"),
        ("根号16", "4"), ("5的平方", "25"),
        ("what is 12 times 12", "144"), ("15% of 200", "30"), ("8÷(2+2)", "2"), ("-3+5", "2"),
        ("2的10次方等于多少", "1024"), ("1/2+1/4", "0.75"),
    ],
)  # fmt: skip
def test_arithmetic_is_found_in_questions(question: str, result: str) -> None:
    """In digits and in words, with the signs people type."""
    found = find(question)
    assert found is not None
    assert compute(found.formula) == Decimal(result)


@pytest.mark.parametrize(
    "question",
    ["电话是010-1234", "2024-05-01", "我买了3个苹果", "满300减50打8折买420的多少钱", "3-5天到货吗", "((1+2)*3"],
)
def test_other_questions_hold_no_arithmetic(question: str) -> None:
    """A telephone number, a date and a word problem are not sums."""
    assert find(question) is None


WRONG = """knowledge_base: shop
title: 商店
calculations:
  - id: postage
    question: 寄{weight}到{region}要多少钱
    inputs:
      weight: {type: quantity, unit: kilogram, ask: 多重？}
      region: {type: choice, ask: 寄到哪？, choices: {江浙沪: 6, 省外: 10}}
      price: {type: money, ask: 多少钱？}
      years: {type: duration, ask: 几年？}
      rope: {type: quantity, unit: meter, ask: 多长？}
    formula: |
      first = second + 1
      second = nobody * 2
      rope + price + double(weight) + bracket("none", 3) + years
    answer: 运费 {cost:money}，{result:coins}。
"""


def test_check_names_every_mistake_with_its_line() -> None:
    """Unknown names, a cycle, wrong units, unused inputs, missing units, formats: all at once."""
    base = parse_content(WRONG, "shop.yaml")
    _, problems = compile_content(Content((base,), "1"))
    told = [str(problem) for problem in problems]
    for line, word in (
        (12, "a cycle"), (12, "'nobody' is not an input"), (12, "adding length and currency"),
        (12, "function double is unknown"),
        (12, "'none' is not a table"), (12, "input region is never used"), (10, "needs a unit"), (4, "{cost}"),
        (4, "{result:coins}"),
    ):  # fmt: skip
        assert any(text.startswith(f"shop.yaml:{line}:") and word in text for text in told), (line, word, told)


def test_a_table_of_the_staff_is_read_and_checked() -> None:
    """Limits rise and only the last row has none."""
    text = WRONG.split("    inputs:")[0] + (
        "    inputs:\n      weight: {type: number, ask: 多重？}\n      region: {type: choice, ask: 哪？, choices: [甲, "
        "乙]}\n"
        '    tiers:\n      fee: [{up_to: 1, value: 5}, {value: 10%}]\n    formula: bracket("fee", weight)\n'
        "    answer: '{region}：{result}'\n"
    )
    (calculation,) = parse_content(text, "shop.yaml").calculations
    assert calculation.tiers == {"fee": ((Decimal(1), Decimal(5)), (None, Decimal("0.1")))}
