"""Questions in, outcomes out: templates found, values asked for, changed, refused, kept over a restart."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.calculation import Calculator, Form, Outcome
from faq.content import Content, parse

NOW = datetime(2026, 1, 15, 10)  # noqa: DTZ001  a Thursday, local time
SHOP = """knowledge_base: shop
title: 商店
entries:
  - {id: repay, question: 怎么还款, answer: 打开账单，点还款。}
  - {id: interest, question: 利息怎么算, answer: 按日计算。}
calculations:
  - id: postage
    question: 寄{weight}到{region}多少钱？
    variants: ['{region}{weight}运费']
    inputs:
      weight: {type: quantity, unit: kilogram, ask: 请问多重？, min: 0, max: 30}
      region: {type: choice, ask: 请问寄到哪里？, choices: {江浙沪: 6, 省外: 10}}
    formula: region + max(ceil(weight) - 1, 0) * 2
    answer: 运费 {result:.2f} 元（{working}）。
"""


@pytest.fixture(scope="module")
def calculator() -> Calculator:
    """The shop with the built-in calculations."""
    return Calculator.build(Content((parse(SHOP, "shop.yaml"),), "1"))


def talk(calculator: Calculator, *texts: str, minutes: int = 1) -> list[Outcome | None]:
    """A conversation; the form goes through JSON between two turns, as it does through the history."""
    form, now, said = None, NOW, list[Outcome | None]()
    for text in texts:
        outcome = calculator.answer(text, now, form)
        said.append(outcome)
        if outcome is not None:
            form = Form.from_json(json.loads(json.dumps(outcome.form.as_json()))) if outcome.form else None
        now += timedelta(minutes=minutes)
    return said


def last(calculator: Calculator, *texts: str) -> Outcome:
    """The outcome of the last of these turns."""
    outcome = talk(calculator, *texts)[-1]
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(
    ("question", "template", "value"),
    [
        ("寄3公斤到省外多少钱", "postage", "14"), ("江浙沪500克运费", "postage", "6"),
        ("贷款10万，年利率4.35%，分3年，每月还多少", "loan-annuity", "2967.9934107626599123"),
        ("10万3年利率4.35%怎么还", "loan-annuity", "2967.9934107626599123"),
        ("下单后第15天是几号", "date-after", "2026-01-30"),
        ("满300减50打8折买420的多少钱", "coupon", "296"), ("1.5公里是多少米", "convert-unit", "1500"),
        ("3亩等于多少平方米", "convert-unit", "2000"),
        ("(12.5+3)*4等于多少", "arithmetic", "62"), ("100美元换成人民币是多少", "exchange", "700"),
        ("距离2026年2月17日还有多少天", "days-until", "33"),
        ("从2026年1月1日到2026年5月1日有多少天", "days-between", "120"),
        ("含税价1130，税率13%，税额是多少", "vat", "130"), ("从80涨到100涨了百分之几", "percent-change", "0.25"),
        ("月薪15000，五险一金2000，一年交多少个税", "income-tax", "7080"),
        ("convert 10 celsius to fahrenheit", "convert-unit", "50"),
        ("5英尺10英寸是多少厘米", "convert-unit", "177.8"),
        ("房贷100万30年利率3.5%月供多少", "loan-annuity", "4490.446878"),
        ("999999999999*999999999999", "arithmetic", "999999999998000000000001"),
        ("100平方米是多少平方英尺", "convert-unit", "1076.391041"),
        ("how many days until 2026-12-25", "days-until", "344"), ("半斤是多少克", "convert-unit", "250"),
        ("3小时是多少分钟", "convert-unit", "180"), ("原价360打八折是多少钱", "discount", "288"),
        ("1990年5月1日出生的今年几岁", "age", "35"),
    ],
)  # fmt: skip
def test_questions_are_computed(calculator: Calculator, question: str, template: str, value: str) -> None:
    """Each of the built-in calculations and the staff's own, in one turn."""
    outcome = last(calculator, question)
    assert outcome.template == template
    assert str(outcome.value).startswith(value)


def test_the_answer_shows_its_working(calculator: Calculator) -> None:
    """The formula stands there with the values in it."""
    outcome = last(calculator, "寄3公斤到省外多少钱")
    assert outcome.text == "运费 14.00 元（10 + max(ceil(3) - 1, 0) × 2 = 14）。"
    assert outcome.knowledge_base == "shop"


def test_a_currency_answer_says_of_which_day_its_rate_is(calculator: Calculator) -> None:
    """Rates age."""
    assert "2026-01-01" in last(calculator, "1000日元是多少人民币").text


@pytest.mark.parametrize(
    "question", ["怎么还款", "利息怎么算", "如何修改密码", "我的快递三天了还没到", "你们几点上班", "买了3件能退吗"]
)
def test_faq_questions_are_left_to_the_faq(calculator: Calculator, question: str) -> None:
    """A number or a word of money does not make a calculation."""
    assert calculator.answer(question, NOW) is None


@pytest.mark.parametrize(
    "question",
    ["学校把135本练习本平均分给3个班，每班多少本？",
     "一根绳子长92米，第一次用去34米，第二次用去26米，现在还剩多少米？",
     "妈妈带了30元，买了一条鱼，剩6元，这条鱼多少钱？"],
)  # fmt: skip
def test_word_problems_are_recognised_and_not_computed_by_a_template(calculator: Calculator, question: str) -> None:
    """They go to the model or are refused; no template and no entry may answer them."""
    outcome = last(calculator, question)
    assert (outcome.template, outcome.value) == ("", None)


def test_money_stays_in_its_currency(calculator: Calculator) -> None:
    """A loan of dollars is repaid in dollars, also after a turn that names no currency."""
    outcome = last(calculator, "贷款10万美元每月还多少", "4.35%", "3年")
    assert outcome.unit == "USD"
    assert "2,967.99 美元" in outcome.text


def test_missing_values_are_asked_one_at_a_time(calculator: Calculator) -> None:
    """A bare number answers what was asked: 4.35 is a rate, 36期 a duration."""
    turns = talk(calculator, "贷款10万每月还多少", "4.35", "36期")
    assert [turn and turn.missing for turn in turns] == [("rate", "months"), ("months",), ()]
    assert turns[-1] is not None
    assert turns[-1].value == "2967.9934107626599123"


def test_a_value_can_be_changed_after_the_answer(calculator: Calculator) -> None:
    """改成5年 keeps the rest."""
    outcome = last(calculator, "贷款10万，年利率4.35%，分3年，每月还多少", "改成5年")
    assert str(outcome.value).startswith("1857.48896426")


def test_something_else_is_answered_before_the_form_is_offered_again(calculator: Calculator) -> None:
    """The outcome is an aside that carries the form on; the next value completes it."""
    turns = talk(calculator, "寄3公斤多少钱", "你们几点上班", "省外")
    assert turns[1] is not None
    assert (turns[1].aside, turns[1].text) == (True, "刚才的计算还没完成：请问寄到哪里？")
    assert turns[2] is not None
    assert turns[2].value == "14"


def test_another_calculation_may_begin_in_between(calculator: Calculator) -> None:
    """A complete question of its own is computed at once."""
    assert last(calculator, "寄3公斤多少钱", "1.5公里是多少米").value == "1500"


def test_start_over_and_give_up(calculator: Calculator) -> None:
    """重新开始 forgets the values, 算了 the form."""
    assert last(calculator, "贷款10万每月还多少", "4.35%", "重新开始").missing == ("principal", "rate", "months")
    assert last(calculator, "贷款10万每月还多少", "算了").form is None


def test_a_form_expires(calculator: Calculator) -> None:
    """After half an hour a bare number is only a number."""
    turns = talk(calculator, "贷款10万每月还多少", "4.35%", minutes=31)
    assert turns[1] is None or not turns[1].template


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        (("1/0等于多少",), "除数是零"), (("10**10**10等于多少",), "太大"),
        (("贷款10万，年利率4350%，3年，每月还多少",), "4350% 太大了，最多应为 36%"),
        (("贷款-5万，利率4%，3年，每月还多少",), "-50000 太小了"), (("2月30日距离今天多少天",), "没有这一天"),
        (("3公斤是多少米",), "不能互相换算"),
        (("贷款10万还是20万，利率4%，3年，每月还多少",), "两个不同的值"),
        (("满300元减50美元，买420元的多少钱",), "两种货币"),
        (("2030年1月1日出生的今年几岁",), "太晚了"), (("贷款10万每月还多少", "4%", "3年还是5年"), "两个不同的值"),
        (("寄50公斤到省外多少钱",), "最多应为 30"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_a_sentence(calculator: Calculator, texts: tuple[str, ...], word: str) -> None:
    """What is wrong is said and, where there is a question, it is asked again."""
    assert word in last(calculator, *texts).text


def test_a_refused_value_keeps_the_good_ones(calculator: Calculator) -> None:
    """Only the rate is asked for again."""
    assert last(calculator, "贷款10万，年利率4350%，3年，每月还多少").missing == ("rate",)


def test_a_stored_form_that_cannot_be_read_is_forgotten() -> None:
    """An older version may have written it."""
    assert Form.from_json({"template": "x"}) is None
    assert (
        Form.from_json(
            {"template": "x", "values": {"a": ["number", "?"]}, "asked": None, "done": False, "until": "2026-01-01"}
        )
        is None
    )


@given(
    st.lists(
        st.sampled_from(
            [
                "贷款10万每月还多少",
                "4.35%",
                "36期",
                "算了",
                "重新开始",
                "改成5年",
                "-1",
                "2月30日",
                "100",
                "",
                "？",
                "怎么还款",
                "0%",
            ]
        ),
        max_size=6,
    )
)
def test_no_order_of_answers_breaks_a_conversation(texts: list[str]) -> None:
    """Every outcome has something to say, and a form never holds a value out of bounds."""
    for outcome in talk(_SHARED, *texts):
        if outcome is not None:
            assert outcome.text
            assert outcome.form is None or "-1" not in str(outcome.form.as_json()["values"])


@given(st.text(st.characters(exclude_categories=()), max_size=40), st.sampled_from(["", "贷款10万", "1加2", "的15%"]))
def test_no_text_breaks_the_calculator(text: str, beside: str) -> None:
    """Lone surrogates and control characters beside a calculation too."""
    for asked in (text + beside, beside + text):
        outcome = _SHARED.answer(asked, NOW)
        assert outcome is None or outcome.text


@pytest.mark.parametrize("text", ["9折" * 5000, " " * 9000 + "1加1", "(1+" * 4000, "贷款10万每月还多少" + "啊" * 9000])
def test_a_very_long_text_is_no_calculation(text: str) -> None:
    """Nobody asks so; it is left alone at once."""
    assert _SHARED.answer(text, NOW) is None


_SHARED = Calculator.build(Content((), "1"))
