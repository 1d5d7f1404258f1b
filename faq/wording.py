"""How a question is worded, apart from how it could be worded as well: what is asked in one writing, light words aside.

Read by faq/pairs.py. The lists are written by hand; they name what may differ, so a word that is missing here only
makes the comparison stricter.
"""

import functools
import re
from collections import Counter
from dataclasses import dataclass

from faq import language
from faq.text import LIMIT, fold

_COURTESY = (
    r"请问一?下?|你好|您好|麻烦问一?下|我?想?(?:要|请)?问一?下|有?谁知道|有人知道|有没有人知道|知道的(?:来|说)一?下|求大神|求助"
    r"|大家(?:说|觉得)?|谢谢|多谢|麻烦(?:您|你)?|告诉我(?:一下)?|帮忙|帮我|各位|大神|高手|亲们?|在线等|急急+|急$|^求(?=.{3})"
    r"|\b(?:please|hello|hi|thanks|thank you|could you|can you|tell me|i want to know|i would like to know)\b"
)
_WRITINGS = (  # what is asked, in one writing; a rule sees what the rules before it left
    (_COURTESY, ""),
    (r"(?:[吗嘛]|(?<![什怎那这])么)?[呢啊呀吧哦啦哈喔噢嘞哟]*$|了$", ""),
    (r"为什么|为何|为啥|怎么会|什么原因|怎么(?=不|没|还|又|总|老)", "因"),
    (r"(?:怎么样|咋样|怎样|如何)$|(?:好不好|好用)$", "评"),
    (r"(?:应该)?(?:怎么样|怎么着|如何|怎样|怎么|咋样|咋)(?:才能够?|才可以|才会|可以|能够?|去|来)?", "怎"),
    (r"有什么(?:好的?)?(?:办法|方法)(?:可以|才?能够?)?|什么(?:办法|方法)(?:可以|才?能够?)", "怎"),
    (r"(?:办法|方法|步骤|流程)(?:是|有)什么", "怎"),
    (r"什么时候|什么时间|啥时候?|何时|几时", "时"),
    (r"多长时间|多少时间|要?多久", "久"),
    (r"多少钱|什么价格?|价格(?:是)?多少|价钱", "价"),
    (r"(?:在)?(?:哪里|哪儿|什么地方|何处|哪(?=能|可以|有|买|下载|看))", "哪"),
    (r"啥", "什么"),
    (r"[哪那]一?[个种款部位](?=好|比较|最|更)|哪一?[个种款部只位]", "什么"),
    (r"(?:都|分别|各)?有?哪些|(?:是|叫|指的?是|指)?(?:什么|哪些)(?:样子?)?(?:的$)?是?", "什"),
    (r"能不能够?|可不可以|能否|可否|是否(?:可以|能)|可以|能够", "能"),
    (r"有没有|有木有|有无", "有"),
    (r"是不是|是否|会不会|要不要", "是"),
    (r"\b(?:how can i|how could i|how should i|how do you|how do i|how do we|how to)\b", "how"),
    (r"\b(?:what is|what are|what's|whats)\b", "what"),
)
_ASKED = frozenset("因评怎时久价哪什能有是")  # the writings above, and 吗 said otherwise
_SAME = (
    "办法 方法 法子/使 让 令/查询 查看 查/处理 办/和 跟 与 同 及/或者 或 还是/喜欢 喜爱/购买 买/电脑 计算机"
    "/手机号码 手机号/容易 简单/快速 迅速 快/如果 要是 假如/治疗 治/好看 漂亮 好听/图片 照片/宝贝 宝宝/妈妈 母亲"
    "/爸爸 父亲/老婆 妻子/老公 丈夫/修改 更改 更换 变更 改/忘记 忘了 忘/使用 用/账单 帐单/预订 预定 订/下载 下"
    "/密码 口令/账号 帐号 账户 帐户/手续费 服务费"
)
_LIGHT = re.compile(
    r"名字|表现|成交|来自|国家|时候|东西|产品|地方|应该|到底|究竟|一般|通常|比较|目前|现在|如今|真的|其实|大概|大约|具体|详细"
    r"|有关|关于|专家|高人|下载到"
    r"|[的地得着了过吧把将在于是个一这那该都也就总老叫掉网听才却而又且些点种只款位部张条支本座台家件之里上有会能要去来所其好最很用说]"
    r"|[使求寻找做阿起么样此载人]"
)
_SMALL = re.compile(
    r"an?|the|do|does|did|is|are|was|were|be|to|of|in|on|at|my|your|i|you|we|me|it|this|that|can|could|should|get|any"
    r"|some|there"
)
_PEOPLE = re.compile(r"我们|你们|他们|她们|咱们?|我|你|您|他|她|本人")
_NUMBER = re.compile(
    r"[上下本这今明去前后](?=一?个?(?:月|周|星期|年|季|期|天|日|次))|\d+(?:\.\d+)?|第一|一(?=天|年|个?月|周|次|小时|分钟|岁|元|块)|[零一二两三四五六七八九十百千万亿]{2,}"
    r"|[零二两三四五六七八九十百千万亿]"
)
_DENIAL = re.compile(r"[不没未无别非].{0,2}|\bnot\b|\bcannot\b|\bno\b|\bwithout\b|\b[a-z]+n t\b")
_BINDING = re.compile(
    r"[不没未无别非被比给到从向对变换转借欠和跟谁几成打杀骗送教追爱]|多少|自己|喜欢"
)  # ties the words beside it to their places
_TOKEN = re.compile(r"[a-z0-9][a-z0-9.%+:/-]*|\S")


@dataclass(frozen=True, slots=True)
class Wording:
    """A question read for comparing: `heavy` words in order, `light` ones counted; `bound`: no word may move."""

    text: str
    size: int  # ideographs and words
    heavy: tuple[str, ...]
    light: Counter[str]
    asked: Counter[str]
    people: tuple[str, ...]
    numbers: tuple[str, ...]
    denials: tuple[str, ...]  # with the two ideographs that are denied
    opposites: frozenset[int]
    bound: bool


@functools.lru_cache(maxsize=20_000)
def read(question: str) -> Wording:
    """Read a question; the first 500 characters count."""
    text = fold(question[:LIMIT])
    plain = _rewritten(text)
    tokens = _TOKEN.findall(_LIGHT.sub("", _PEOPLE.sub("", plain)))
    asked = Counter(token for token in tokens if token in _ASKED)
    small = [token for token in tokens if _SMALL.fullmatch(token)]
    return Wording(
        text=text,
        size=len(_TOKEN.findall(text)),
        heavy=tuple(token for token in tokens if token not in _ASKED and not _SMALL.fullmatch(token)),
        light=Counter([*_LIGHT.findall(_PEOPLE.sub("", plain)), *small]),
        asked=asked - Counter({"能": asked["能"]}) if len(asked) > 1 else asked,  # 怎么能 is 怎么
        people=tuple(_PEOPLE.findall(plain)),
        numbers=tuple(_NUMBER.findall(text)),
        denials=tuple(_DENIAL.findall(_PEOPLE.sub("", plain))),
        opposites=language.opposites(plain),
        bound=_BINDING.search(plain) is not None,
    )


def _rewritten(text: str) -> str:
    for pattern, written in _writings():
        text = pattern.sub(written, text)
    first = _first()
    return _synonyms().sub(lambda found: first[found[0]], text)


@functools.cache
def _writings() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), written) for pattern, written in _WRITINGS)


@functools.cache
def _first() -> dict[str, str]:
    groups = [group.split() for group in _SAME.split("/")]
    return {word: group[0] for group in groups for word in group}


@functools.cache
def _synonyms() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _first()), key=len, reverse=True)))
