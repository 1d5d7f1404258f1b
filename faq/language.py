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
_FACETS = {  # what is asked about a thing; two questions about one thing differ in these
    "cause": r"原因|引起|导致|造成|诱因|病因|为什么|为何|为啥|怎么回事|怎么来的|怎么得的|怎么会|\bwhy\b|cause|reason",
    "symptom": r"症状|表现|征兆|迹象|征状|反应|symptom|\bsigns?\b",
    "remedy": r"治疗|怎么治|怎样治|如何治|咋治|医治|根治|治好|治愈|缓解|怎么办|咋办|怎么处理|如何处理|解决"
    r"|treat|cure|\bfix|solve",
    "prevention": r"预防|防止|防治|避免|prevent|avoid",
    "effect": r"(?<!副)作用|功效|效果|疗效|有什么用|有用吗|有效|好处|主治|益处|benefit|(?<!side )effect",
    "harm": r"副作用|危害|影响|后遗症|并发症|坏处|不良|后果|风险|要紧|严重吗|危险|side effect|\brisk|\bharm",
    "examination": r"检查|诊断|确诊|化验|判断|鉴别|检测|diagnos|examin",
    "definition": r"什么是|是什么$|是啥|什么意思|含义|定义|概念|介绍|是什么病|what (?:is|are|does)|meaning|mean\b",
    "food": r"吃什么|食物|饮食|食疗|能吃|可以吃|忌口|吃哪些|水果|喝|\beat\b|\bfood|\bdrink",
    "medicine": r"药|疫苗|打针|medicine|drug",
    "buying": r"买|购|buy|purchase|order",
    "selling": r"卖|\bsell|sold",
    "price": r"价格|价钱|多少钱|费用|收费|贵|便宜|手续费|几块|price|\bcost|\bfees?\b|charge",
    "duration": r"多久|多长时间|几天|多少天|几个月|多长|how long|how many days",
    "moment": r"什么时候|何时|啥时|几点|几号|哪天|时间|\bwhen\b",
    "place": r"哪里|哪儿|在哪|去哪|地址|地点|位置|入口|\bwhere\b|address|location",
    "papers": r"材料|证件|资料|手续(?!费)|带什么|准备|凭证|证明|document|paper|proof",
    "condition": r"条件|资格|要求|限制|符合|需要什么|eligib|require|qualif",
    "steps": r"流程|步骤|程序|操作|process|procedure|steps",
    "starting": r"申请|办理|开通|注册|申办|开户|激活|启用|报名|预约|apply|register|sign up|activat|enable",
    "ending": r"取消|注销|撤销|关闭|解除|退订|停用|销户|解绑|卸载|冻结"
    r"|cancel|close|delete|disable|unsubscribe|remove|block",
    "changing": r"修改|更改|变更|更换|换|改|更新|change|update|switch|edit",
    "looking": r"查询|查看|查|进度|看看|明细|余额|track|status|view|history|balance",
    "failing": r"失败|不了|无法|没成功|不成功|被拒|拒绝|不通过|不上|报错|异常|错误|收不到|没收到"
    r"|fail|declin|error|unable|can't|not work|reject",
    "returning": r"退|refund|return",
    "losing": r"丢|遗失|挂失|不见|忘|被盗|\blost|stolen|forg[eo]t",
    "limit": r"额度|限额|上限|最高|最多|最低|至少|limit|max|minimum",
    "interest": r"利率|利息|interest",
    "infection": r"传染|遗传|传播|contagious|infect",
    "difference": r"区别|不同|差别|哪个好|比较|不一样|哪种|difference|better|compare|\bvs\b",
    "necessity": r"必须|一定要|需不需要|要不要|有必要|是否需要|需要.*吗|must|necessary|have to",
    "early": r"提前|\bearly|in advance",
    "late": r"逾期|延期|推迟|晚|过期|到期|\blate|overdue|expire|delay",
    "arrival": r"到账|到货|收到|送达|放款|发货|arrive|deliver|receive|ship",
    "payment": r"支付|付款|缴|交钱|还款|扣款|\bpay",
    "transfer": r"转账|转给|转出|转入|汇款|提现|充值|transfer|withdraw|top up|deposit",
}
_NEGATION = re.compile(
    r"(?P<either>\w)不(?P=either)|有没有|[不没][呢啊呀]?$"  # 能不能, 可以吗: asks and denies nothing
    r"|(不(?!同|过|管|错|好意思)|没|未(?!来|成年)|无法|(?<![特区级性分个辨鉴识])别(?!人|的|处|名)|非(?!常|洲)|(?<![是能可])否|失败|拒绝|忌"
    r"|\bnot\b|n't|\bno\b|\bnever\b|\bcannot\b|\bwithout\b)"
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


def facets(text: str) -> frozenset[str]:
    """Give what `text` may want to know about its subject: cause, price, duration, cancelling …"""
    return frozenset(name for name, pattern in _facet_patterns() if pattern.search(text))


def negated(text: str) -> bool:
    """Say whether something is denied an odd number of times."""
    return sum(found[2] is not None for found in _NEGATION.finditer(text)) % 2 == 1


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


@functools.cache
def _facet_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern)) for name, pattern in _FACETS.items())


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
