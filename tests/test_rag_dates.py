"""Dates in one form: a date is said only where its parts stand together."""

import pytest

from bot.rag.dates import Date, dates, stands
from bot.rag.evidence import Evidence
from bot.rag.passages import Passage


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026年5月1日", [Date(2026, 5, 1)]),
        ("5月1日起", [Date(None, 5, 1)]),
        ("2026年5月", [Date(2026, 5, None)]),
        ("5月", []),
        ("10月18-27日", [Date(None, 10, 18), Date(None, 10, 27)]),
        ("3月27日至4月7日", [Date(None, 3, 27), Date(None, 4, 7)]),
        ("2026-05-01 2026/5/2 2026.5.3", [Date(2026, 5, 1), Date(2026, 5, 2), Date(2026, 5, 3)]),
        ("may 29, 2020", [Date(2020, 5, 29)]),
        ("29 may 2020", [Date(2020, 5, 29)]),
        ("sept. 3rd", [Date(None, 9, 3)]),
        ("june 2020", [Date(2020, 6, None)]),
        ("12.5元 3-5天 1/2 2000.50元 3个月", []),
    ],
)
def test_a_date_is_read_in_every_spelling(text: str, found: list[Date]) -> None:
    """Chinese, English, by numbers, in part, as a range; other numbers are none."""
    assert set(found) == set(dates(text))


@pytest.mark.parametrize(
    ("said", "is_there"),
    [
        (Date(2026, 5, 1), True),
        (Date(None, 5, 1), True),
        (Date(2026, 5, None), True),
        (Date(2026, 6, 18), True),
        (Date(2026, 5, 18), False),
        (Date(2025, 5, 1), False),
        (Date(2026, 6, None), False),
    ],
)
def test_a_date_stands_where_its_parts_stand_together(said: Date, is_there: bool) -> None:
    """Only the year may be in another place: 2026年的活动，6月18日开始."""
    assert stands(said, [Date(2026, 5, 1), Date(None, 6, 18)]) is is_there


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("活动于2026年5月1日开始。", True),
        ("活动于二〇二六年五月一日开始。", True),
        ("The sale begins on May 1, 2026.", True),
        ("活动于2026年5月18日开始。", False),
        ("活动于6月1日开始。", False),
        ("活动费3万元。", True),
        ("活动费30元。", False),
    ],
)
def test_numbers_of_several_dates_make_no_new_one(said: str, holds: bool) -> None:
    """Every single number stands in the passage; what they say together must too."""
    text = "活动于2026年5月1日开始，6月18日结束，费用为3万元。"
    assert (
        Evidence.of([Passage("kb", "a.md", "活动", "", None, text)], "活动什么时候开始？").holds_numbers(said) is holds
    )


@pytest.mark.parametrize(
    ("said", "carried"),
    [
        ("导演是詹姆斯·卡梅隆。", True),
        ("导演是詹姆斯•弗朗西斯・卡梅隆。", False),
        ("主演是李·哈维·奥斯瓦尔德。", True),
        ("导演是詹姆斯·邦德。", False),
    ],
)
def test_a_foreign_name_in_ideographs_stands_whole(said: str, carried: bool) -> None:
    """Half of it is somebody else; the dot has many forms."""
    text = "这部电影由詹姆斯•卡梅隆执导，由李 · 哈维・奥斯瓦尔德主演。"
    assert Evidence.of([Passage("kb", "a.md", "电影", "", None, text)], "导演是谁？").supports(said) is carried
