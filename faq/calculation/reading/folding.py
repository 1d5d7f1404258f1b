"""One character in, one character out: full-width, traditional and formal characters as the readers expect them.

Lengths never change, so a span found in the folded text is the span in the original. `faq.text.normalise` is not used
here because it may drop characters.
"""

import re
import unicodedata
from functools import lru_cache

_TRADITIONAL = str.maketrans(
    "萬億兩點負圓塊錢週個號時鐘歲禮後內歷曆陰陽農節貳參陸零雙對從開這當間於過還餘幾訂購買賣價張件蘋區碼釐噸兆羅盧馬紐亞"
    "聯萊蘭韓幣佔無續發貸"
    "數關則沒將總稅險產業會員單據積變轉換長寬溫華氏攝廣東電費運際",
    "万亿两点负圆块钱周个号时钟岁礼后内历历阴阳农节贰叁陆零双对从开这当间于过还余几订购买卖价张件苹区码厘吨兆罗卢马纽亚"
    "联莱兰韩币占无续发贷"
    "数关则没将总税险产业会员单据积变转换长宽温华氏摄广东电费运际",
)
_ALIKE = str.maketrans("－–—―−～〜∼〇圆：；，（）％￥¥『』［］“”’‘", "-----~~~零元:;,()%￥￥()[]\"\"''")


_GAP = re.compile(r"(?<=\s{8})\s+")


@lru_cache(maxsize=8192)
def _fold(char: str) -> str:
    folded = unicodedata.normalize("NFKC", char).lower()
    return folded if len(folded) == 1 else char.lower() if len(char.lower()) == 1 else char


@lru_cache(maxsize=256)  # every reader asks for the same question
def fold(text: str) -> str:
    """`text` half-width, lower-case and simplified, character for character (the length is the same).

    Of a gap eight spaces stay: no value reaches over more, and patterns that allow spaces would try each of them.
    """
    if text.isascii():
        return _GAP.sub(_blot, text.lower())
    return _GAP.sub(_blot, "".join(map(_fold, text)).translate(_TRADITIONAL).translate(_ALIKE))


def _blot(gap: re.Match[str]) -> str:
    return "\0" * len(gap[0])


_BACK = 48  # characters; nothing that is looked for before a value is longer


def look_back(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    """What stands before position `at`, by a pattern that ends with `$`. Looking from the start would cost n²."""
    return pattern.search(text, max(0, at - _BACK), at)
