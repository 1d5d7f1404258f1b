"""What can be read off the surface of a question without a model: its kind, polarity, numbers and sound.

Chinese first, English too. Works on folded text.
"""

import functools
import re
from collections.abc import Iterable

from pypinyin import lazy_pinyin

_KINDS = {
    "why": r"为什么|为何|为啥|怎么会|怎么回事|咋回事|原因|怎么(?=还|又|老|总|不|没)|why",
    "when": r"多久|什么时候|多长时间|几天|何时|多少天|啥时|几点|几号|时间|when|how long",
    "amount": r"多少|几个|几次|几(?=[张笔份分倍])|费用|价格|价钱|多大|多高|how (?:much|many)",
    "where": r"哪里|哪儿|在哪|去哪|什么地方|何处|入口|where",
    "who": r"谁|who",
    "may": r"能不能|可不可以|能否|可否|是否可以|可以.*[吗么嘛不]|能.*[吗么嘛不]|可以$|\bcan\b|\bmay\b",
    "whether": r"吗|是否|是不是|有没有|会不会|要不要|需不需要|[么嘛]$|\b(?:is|are|do|does|did|has|have)\b",
    "what": r"什么|啥|哪些|哪种|哪个|what|which",
    "how": r"怎么|如何|怎样|怎|咋|方法|办法|步骤|流程|how",
}
_NEGATION = re.compile(
    r"不(?!同|过|管|错|好意思)|没|未|无法|别|非(?!常)|否|失败|拒绝|\bnot\b|n't|\bno\b|\bnever\b|\bcannot\b|\bwithout\b"
)
_OPPOSITES = tuple(
    tuple(pair.split("/"))
    for line in (
        "开通/取消 开启/关闭 打开/关闭 打开/关掉 开/关 增加/减少 提高/降低 升高/降低",
        "调高/调低 存/取 转入/转出 充值/提现 借/还 买/卖 买/退 绑定/解绑 加/减 高/低",
        "大/小 多/少 早/晚 前/后 男/女 新/旧 收/付 收/发 涨/跌 登录/退出 注册/注销",
        "提前/推迟 提前/延期 快/慢 冷/热 左/右 轻/重 好/坏 升/降 入/出 加入/退出",
        "激活/冻结 锁定/解锁 允许/禁止 同意/拒绝 添加/删除 安装/卸载 播放/停止 上班/下班",
        "入职/离职 迁入/迁出 个人/企业 enable/disable open/close",
        "buy/sell add/remove increase/decrease login/logout",
    )
    for pair in line.split()
)
_UNITS = "年|个月|月|日|号|天|周|星期|岁|个|次|元|块|分钟|分|期|小时|点|万|千|百|张|倍|米|公斤|斤|g|gb|m|mb|kg|%"
_NUMBER = re.compile(rf"(\d+(?:\.\d+)?)({_UNITS})?|([一二三四五六七八九十两百千]+)({_UNITS})")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_SAME_UNIT = {"号": "日", "块": "元", "星期": "周", "个月": "月"}


def kinds(text: str) -> frozenset[str]:
    """Give every kind of question that `text` may be, among why, when, amount, where, who, may, whether, what, how."""
    return frozenset(name for name, pattern in _patterns() if pattern.search(text))


def negated(text: str) -> bool:
    """Say whether something is denied an odd number of times."""
    return len(_NEGATION.findall(text)) % 2 == 1


def opposites(text: str) -> frozenset[int]:
    """Give what `text` says of each pair of opposites: n for the first word alone, -n for the second alone."""
    sides = ((number, left in text, right in text) for number, (left, right) in enumerate(_OPPOSITES, start=1))
    return frozenset(number if left else -number for number, left, right in sides if left != right)


def opposed(one: frozenset[int], other: frozenset[int]) -> bool:
    """Say whether one text has a word and the other only its opposite, both as `opposites` gives them."""
    return any(-side in other for side in one)


def numbers(text: str) -> frozenset[tuple[str, str]]:
    """Give the numbers of `text` as (value, unit), Chinese numerals only with their unit."""
    return frozenset(_number(*found.groups("")) for found in _NUMBER.finditer(text))


def numbers_clash(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> bool:
    """Say whether both count something in the same unit and no count agrees."""
    mine, yours = set(one), set(other)
    shared = {unit for _, unit in mine} & {unit for _, unit in yours}
    return any(
        not {value for value, of in mine if of == unit} & {value for value, of in yours if of == unit}
        for unit in shared
    )


def sound(text: str) -> str:
    """Give the toneless pinyin of `text`, syllables apart; what is not Chinese stays. Each ideograph by itself."""
    return " ".join(map(_syllable, text))


@functools.lru_cache(maxsize=20_000)
def _syllable(char: str) -> str:
    return "".join(lazy_pinyin(char))


@functools.cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern)) for name, pattern in _KINDS.items())


def _number(digits: str, unit: str, numerals: str, unit_of_numerals: str) -> tuple[str, str]:
    unit = unit or unit_of_numerals
    value = f"{float(digits):g}" if digits else str(_value(numerals))
    return value, _SAME_UNIT.get(unit, unit)


def _value(numerals: str) -> int:
    total = pending = 0
    for char in numerals:
        if char in _TENS:
            total, pending = total + (pending or 1) * _TENS[char], 0
        else:
            pending = _DIGITS[char]
    return total + pending
