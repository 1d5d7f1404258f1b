"""Reading values from text: what customers write, in Chinese and English."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.calculation.reading import compact, read
from faq.calculation.reading.folding import fold
from faq.calculation.reading.numerals import scan
from faq.calculation.values import Type, Value, plain

NOW = datetime(2026, 1, 15, 10)  # noqa: DTZ001  a Thursday, local time


def values(text: str, *types: Type) -> list[tuple[str, object, str]]:
    """(text, value as JSON, unit) of the readings of these types."""
    return [(text[v.start : v.end], plain(v.value), v.unit) for v in read(text, NOW) if not types or v.type in types]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一万二", "12000"), ("1.2万", "12000"), ("3千5", "3500"), ("两千四百五", "2450"), ("壹仟零伍", "1005"),
        ("负三十二", "-32"),
        ("三分之一", "0.3333333333333333333333333333"), ("一又二分之一", "1.5"), ("五十五兆一十二亿", "55001200000000"),
        ("二〇二四", "2024"),
        ("两千三点一", "2300.1"), ("twenty-one thousand", "21000"), ("one and a half", "1.5"),
        ("two thirds of", "0.6666666666666666666666666667"),
        ("- 1 4/5", "-1.8"), ("10k", "10000"), ("2^10", "1024"), ("3 dozen", "36"), ("１２３", "123"),
        ("1,234,567.5", "1234567.5"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_say_them(text: str, number: str) -> None:
    """Shorthand, formal and full-width numerals, fractions and powers, in both languages."""
    assert values(text, Type.NUMBER)[0][1] == number


@pytest.mark.parametrize("text", ["四川", "一切都好", "登陆部队", "A1B2", "Which one do you prefer?", "五险一金"])
def test_words_with_numerals_in_them_are_no_numbers(text: str) -> None:
    """A place name or an idiom holds no number."""
    assert values(text, Type.NUMBER) == []


@pytest.mark.parametrize(
    ("text", "percent"),
    [("百分之三点五", "3.5"), ("打八五折", "85"), ("九折", "90"), ("三成半", "35"),
     ("对折吗？打对折", "50"), ("4.35%", "4.35"),
     ("千分之一", "0.1"), ("minus five percent", "-5")],
)  # fmt: skip
def test_percentages_and_discounts(text: str, percent: str) -> None:
    """A discount is the share that is paid."""
    assert values(text, Type.PERCENTAGE)[0][1:] == (percent, "%")


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("￥1,200.50", "1200.5", "CNY"), ("壹仟元整", "1000", "CNY"), ("五元三毛", "5.3", "CNY"),
        ("三块五", "3.5", "CNY"), ("1200亿美元", "120000000000", "USD"),
        ("人民币 50元", "50", "CNY"), ("3 dollars 50 cents", "3.5", "DOLLAR"), ("us $ 150 million", "150000000", "USD"),
        ("EUR 125", "125", "EUR"),
    ],
)  # fmt: skip
def test_money(text: str, amount: str, unit: str) -> None:
    """Amounts with the currency before or after, minor units added."""
    assert values(text, Type.CURRENCY)[0] == (text, amount, unit)


@pytest.mark.parametrize(
    ("text", "amount", "unit", "kind"),
    [
        ("1.5公里", "1.5", "kilometer", Type.DIMENSION), ("两米半", "2.5", "meter", Type.DIMENSION),
        ("二两", "2", "liang", Type.DIMENSION),
        ("一千比特", "1", "kilobit", Type.DIMENSION), ("0.2千米", "0.2", "kilometer", Type.DIMENSION),
        ("200lbs", "200", "pound", Type.DIMENSION),
        ("华氏温度98.6度", "98.6", "F", Type.TEMPERATURE), ("零下四摄氏度", "-4", "C", Type.TEMPERATURE),
        ("29 years old", "29", "year", Type.AGE),
        ("十个月大", "10", "month", Type.AGE),
    ],
)  # fmt: skip
def test_quantities(text: str, amount: str, unit: str, kind: Type) -> None:
    """Units of both languages; 千米 is one unit, 二两 a number and a weight."""
    assert values(text, kind)[0] == (text, amount, unit)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("今天", "2026-01-15"), ("下周三", "2026-01-21"), ("3天后", "2026-01-18"), ("2026年5月1日", "2026-05-01"),
        ("大年初一", "2026-02-17"),
        ("明年春节后第三天", "2027-02-09"), ("母亲节", "2026-05-10"), ("2月30日", None), ("20260501那天", "2026-05-01"),
        ("农历八月十五", "2026-09-25"),
    ],
)  # fmt: skip
def test_dates(text: str, value: str | None) -> None:
    """Relative, absolute, lunar and named days; a day that does not exist has no value."""
    assert values(text, Type.DATE)[0][1] == value


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("明天下午3点半", Type.DATETIME, "2026-01-16 15:30:00"), ("晚上8点", Type.TIME, "20:00:00"),
        ("两小时后", Type.DATETIME, "2026-01-15 12:00:00"),
        ("明天下午七八点", Type.DATETIME_RANGE, {"start": "2026-01-16 19:00:00", "end": "2026-01-16 21:00:00"}),
        ("上个月", Type.DATE_RANGE, {"start": "2025-12-01", "end": "2026-01-01"}),
        ("三季度", Type.DATE_RANGE, {"start": "2026-07-01", "end": "2026-10-01"}),
        ("5月1日到5月7日", Type.DATE_RANGE, {"start": "2026-05-01", "end": "2026-05-07"}),
        ("2025年之后", Type.DATE_RANGE, {"start": "2026-01-01"}),
        ("两个半小时", Type.DURATION, "9000"), ("8天20小时", Type.DURATION, "763200"),
        ("半个月", Type.DURATION, "1296000"), ("每周三", Type.SET, "1 week"),
    ],
)  # fmt: skip
def test_times_and_durations(text: str, kind: Type, value: object) -> None:
    """Moments, stretches, lengths and repetitions."""
    assert values(text, kind)[0][1] == value


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("大于20且小于等于35", "20", "35"),
        ("一到五个", "1", "5"),
        ("between 20 and 30", "20", "30"),
        ("20~100", "20", "100"),
    ],
)
def test_ranges_of_numbers(text: str, low: str, high: str) -> None:
    """Two ends, whatever stands between them."""
    assert values(text, Type.NUMBER_RANGE)[0][1] == {"start": low, "end": high}


def test_spans_point_into_the_original_text() -> None:
    """Full-width and traditional characters do not move a span."""
    text = "　我借了　１萬　元"
    assert values(text, Type.CURRENCY) == [("１萬　元", "10000", "CNY")]


def test_compact_keeps_the_longest_reading() -> None:
    """十斤 is a mass; the number in it is not a second value."""
    kept = compact(read("十斤苹果30元", NOW))
    assert [(value.type, plain(value.value)) for value in kept] == [(Type.DIMENSION, "10"), (Type.CURRENCY, "30")]


@given(st.integers(min_value=0, max_value=10**12))
def test_every_written_numeral_is_read_back(number: int) -> None:
    """The Chinese numeral of a number, written by the school rule, is read as that number."""
    numeral = scan(chinese(number), 0)
    assert numeral is not None
    assert numeral.value == number


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written, values stand in order inside the text, and folding keeps its length."""
    assert len(fold(text)) == len(text)
    found: list[Value] = read(text, NOW)
    assert all(0 <= value.start < value.end <= len(text) for value in found)


@given(
    st.lists(
        st.sampled_from(["\ud800", "\udfff", "\0", " ", "\t", "\u3000", "½", "٣", "-", "1", "万", "km", "三", "("])
    )
    .map("".join)
    .flatmap(lambda text: st.sampled_from([text, text * 50]))
)
def test_no_heap_of_strange_characters_breaks_the_reader(text: str) -> None:
    """Lone surrogates, other digits, gaps and 10,000 characters give readings or none."""
    assert len(fold(text)) == len(text)
    for value in read(text, NOW):
        assert value.as_json(text)["text"] == text[value.start : value.end]


@given(st.text(alphabet="0123456789年月日号点分时周上下前后第一二三十半个到至.:-%元万两天的之 ", max_size=24))
def test_no_heap_of_date_words_breaks_the_reader(text: str) -> None:
    """Nonsense made of the words of dates gives readings or none, never an error."""
    for value in read(text, NOW):
        assert value.as_json(text)["text"] == text[value.start : value.end]


def chinese(number: int) -> str:
    """A whole number in Chinese numerals, without the shorthand of speech."""
    if number >= 10**8:
        return _join(chinese(number // 10**8) + "亿", number % 10**8, 10**7)
    if number >= 10**4:
        return _join(chinese(number // 10**4) + "万", number % 10**4, 10**3)
    for unit, name in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= unit:
            return _join("零一二三四五六七八九"[number // unit] + name, number % unit, unit // 10)
    return "零一二三四五六七八九"[number]


def _join(head: str, rest: int, full: int) -> str:
    return head + ("零" if 0 < rest < full else "") + (chinese(rest) if rest else "")


def test_a_lunar_date_of_the_next_year_is_a_date() -> None:
    """腊月 belongs to the lunar year, which ends in the next solar one."""
    (value,) = [value for value in read("2026年腊月初十", NOW) if value.type is Type.DATE]
    assert value.value == date(2027, 1, 17)
