"""Whether a question asks to compute something, with or without a template for it. Rules over words and values.

Word problems must not be answered by an FAQ entry that happens to sound alike; an FAQ question that mentions a number
must not be taken for a sum.
"""

import re
from collections.abc import Sequence

from faq.calculation import arithmetic
from faq.calculation.reading.folding import fold
from faq.calculation.values import Type, Value

_COUNTABLE = frozenset(
    (Type.NUMBER, Type.CURRENCY, Type.PERCENTAGE, Type.DIMENSION, Type.TEMPERATURE, Type.DURATION, Type.AGE)
)
_ASKS_AMOUNT = re.compile(
    r"多少|多[高长宽重大远深快久厚](?!了)|几(?![乎种类次号代位级点岁])|一共|总共|平均|各[有是]|相差|几分之几|百分之几"
    r"|how (?:much|many)|what(?:'s| is| are) "
    r"(?:the )?(?:sum|product|square|total|difference|\d)"
)
_SUM_WORDS = re.compile(
    r"[\d一二三四五六七八九十百千]\s*(?:加上?|减去?|乘)\s*[\d一二三四五六七八九十百千]|减去|乘以|除以|[除乘]法|加法"
    r"|减法|等于(?:多少|几)|平方(?!米|公里|厘米|分米)|平方(?!米|公里"
    r"|厘米|分米)|立方(?!米|厘米|分米)|开方|根号|根下|次方|倍"
    r"|几分之|百分之几|商是|余数|小数点|算出|算一算|算式|方程|求(?:的|得|出|和|积|差|这|它|面|体|周|长|[a-z])|因数|质数"
    r"|偶数|奇数|公倍数|公约数|真?分数|分母|分子|周长|面积|体积|比例"
    r"|占(?:了|全|总|这)|余下"
    r"|剩(?:下|余|了|多少|几)|平均|一共|总共|共[有要是用]|相差|比.{1,12}(?:多|少|大|小|长|短|重|高)|正弦|余弦|正切|数学"
    r"(?!书|老师|系|专业|考|竞)|相遇|往返|平分"
    r"|每[份组排行箱盒袋瓶人只个条辆]"
    r"|存入银行|存期|定期.{1,5}年|本金|税后|时针|分针|圆柱|圆锥|圆形|梯形|三角形|长方[形体]|正方[形体]|半径|直径|边长"
    r"|棱长|倒数|化简|简便|简算|解比例|照这样"
    r"|经过了?多少|还需要?|出勤率|合格率|发芽率|提价|降价|原价|现价|增产|减产|千米/时|每(?:分|秒|小时|天|千克|米).{0,6}"
    r"(?:行|走|做|修|生产|加工)"
    r"|\(\d+/\d+\)|[\dxy)][*/+=×÷:][(\dxy]|\d[xyab](?!\w)|…"
    r"|plus|minus|times|divided|multipl|square root|percent of|calculate|compute|equals"
)
_EXCHANGE = re.compile(r"汇率|兑换率|外汇|货币(?:转换|换算|兑换|是什么|单位|地位)|什么货币|汇兑|exchange rate")
_WORTH = re.compile(r"兑换?|换(?:成|算|多少)|折合|等于|值多少|是多少|有多少|转换?[为成]|地位|convert|worth")
_CONVERTS = re.compile(r"(?:等于|是|有|合|换算成?|转换?[为成]|相当于).{0,4}(?:多少|几)|换算成|转换[为成]")
_ZONES = re.compile(
    r"时差|时区|time zone|timezone|(?:早上|上午|中午|下午|晚上|时间|现在|点).{0,12}(?:是|那么|转换[成为]).{0,8}(?:几点"
    r"|时间)|告诉我.{1,8}时间加|切换到.{2,5}时间"
)
_QUESTION = re.compile(
    r"吗[？?]?$|哪|谁|安全|对不对|够|怎样|是什么[？?]?$|是[？?]?$|为什么|判断|请你|(?:[()□＿_]\s*){2}|="
)
_EXERCISE = re.compile(r"被.{0,4}借|图书|借[出来走]|本书|国债")
_LOAN = re.compile(r"借|贷|还款|微粒|微众|花呗|利息")


def is_computation(text: str, values: Sequence[Value]) -> bool:
    """Whether the answer has to be computed from what the question says."""
    folded = fold(text)
    if arithmetic.find(text) is not None or _EXCHANGE.search(folded) or _ZONES.search(folded):
        return True
    named = {value.unit for value in values if value.type is Type.CURRENCY}
    if named - {"CNY"} and _WORTH.search(folded):
        return True
    counted = [value for value in values if value.type in _COUNTABLE and value.value is not None]
    if any(value.type in {Type.DIMENSION, Type.TEMPERATURE} for value in counted) and _CONVERTS.search(folded):
        return True
    return _is_word_problem(folded, len(counted))


def _is_word_problem(folded: str, counted: int) -> bool:
    """Several numbers and a question for an amount, or fewer with the words of arithmetic."""
    asks, sums = len(_ASKS_AMOUNT.findall(folded)), len(_SUM_WORDS.findall(folded))
    if _LOAN.search(folded) and len(folded) < 60 and not sums and not _EXERCISE.search(folded):
        return False
    if counted >= 2:
        return (asks + sums >= 1 and len(folded) >= 12) or (
            counted >= 3 and _QUESTION.search(folded) is not None and sums >= 1
        )
    if counted == 1:
        return sums >= 1 and (asks >= 1 or sums >= 2)
    return sums >= 2
