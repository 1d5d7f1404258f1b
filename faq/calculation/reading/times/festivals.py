"""Days with a name: public holidays, lunar festivals, solar terms; reign titles for old years."""

from datetime import date, datetime, timedelta

from faq.calculation.calendar import from_lunar

_SOLAR = {
    "元旦节": (1, 1), "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "三八节": (3, 8), "植树节": (3, 12),
    "消费者权益日": (3, 15), "愚人节": (4, 1),
    "劳动节": (5, 1), "五一节": (5, 1), "五一": (5, 1), "青年节": (5, 4), "儿童节": (6, 1), "六一节": (6, 1),
    "六一儿童节": (6, 1), "三八妇女节": (3, 8), "五一劳动节": (5, 1), "十一国庆节": (10, 1), "建党节": (7, 1),
    "建军节": (8, 1), "教师节": (9, 10),
    "国庆节": (10, 1), "国庆": (10, 1), "十一国庆": (10, 1), "万圣节": (10, 31), "光棍节": (11, 11), "双十一": (11, 11),
    "双十二": (12, 12), "平安夜": (12, 24), "圣诞节": (12, 25),
    "圣诞": (12, 25),
}  # fmt: skip
_LUNAR = {
    "春节": (1, 1), "大年初一": (1, 1), "元宵节": (1, 15), "元宵": (1, 15), "龙抬头": (2, 2), "端午节": (5, 5),
    "端午": (5, 5), "七夕节": (7, 7), "七夕": (7, 7),
    "中元节": (7, 15), "中秋节": (8, 15), "中秋": (8, 15), "重阳节": (9, 9), "重阳": (9, 9), "腊八节": (12, 8),
    "腊八": (12, 8),
}  # fmt: skip
_NTH_WEEKDAY = {"母亲节": (5, 2, 7), "父亲节": (6, 3, 7), "感恩节": (11, 4, 4)}  # month, which, weekday
_EVES = {"除夕夜": 1, "除夕": 1, "大年三十": 1, "年三十": 1}
_TERMS = dict(
    zip(
        [
            "小寒",
            "大寒",
            "立春",
            "雨水",
            "惊蛰",
            "春分",
            "清明",
            "谷雨",
            "立夏",
            "小满",
            "芒种",
            "夏至",
            "小暑",
            "大暑",
            "立秋",
            "处暑",
            "白露",
            "秋分",
            "寒露",
            "霜降",
            "立冬",
            "小雪",
            "大雪",
            "冬至",
        ],
        range(24),
        strict=True,
    )
) | {"清明节": 6}
FESTIVALS = (
    *_SOLAR,
    *_LUNAR,
    *_NTH_WEEKDAY,
    *_EVES,
    *(name for name in _TERMS if name not in {"小满", "大雪", "小雪", "雨水"}),
)
ERAS = {
    "康熙": 1662, "雍正": 1723, "乾隆": 1736, "嘉庆": 1796, "道光": 1821, "咸丰": 1851, "同治": 1862, "光绪": 1875,
    "宣统": 1909,
    "顺治": 1644, "神龙": 705, "贞观": 627, "永徽": 650, "开元": 713, "天宝": 742, "洪武": 1368, "永乐": 1403,
    "嘉靖": 1522, "万历": 1573, "崇祯": 1628,
    "民国": 1912, "昭和": 1926, "平成": 1989, "令和": 2019,
}  # fmt: skip
# Days of the terms from Xiaohan, as minutes from 1900-01-06 02:05 in a tropical year (the usual almanac approximation).
_TERM_MINUTES = (
    0, 21208, 42467, 63836, 85337, 107014, 128867, 150921, 173149, 195551, 218072, 240693, 263343, 285989, 308563,
    331033,
    353350, 375494, 397447, 419210, 440795, 462224, 483532, 504758,
)  # fmt: skip
_XIAOHAN = datetime(1900, 1, 6, 2, 5)  # noqa: DTZ001 (China time)


def festival(name: str, year: int) -> date | None:
    """The day of the festival in that year (lunar ones by the lunar year that begins in it)."""
    if name in _SOLAR:
        return date(year, *_SOLAR[name])
    if name in _LUNAR:
        return from_lunar(year, *_LUNAR[name])
    if name in _EVES:
        spring = from_lunar(year + 1, 1, 1)
        return spring - timedelta(days=1) if spring else None
    if name in _NTH_WEEKDAY:
        month, which, weekday = _NTH_WEEKDAY[name]
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (which - 1))
    return solar_term(_TERMS[name], year)


def solar_term(index: int, year: int) -> date | None:
    """The day of the `index`-th solar term of the year (0 is Xiaohan, in January)."""
    if not 1900 <= year <= 2100:
        return None
    minutes = 525948.76 * (year - 1900) + _TERM_MINUTES[index]
    return (_XIAOHAN + timedelta(minutes=minutes)).date()
