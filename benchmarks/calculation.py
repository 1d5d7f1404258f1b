"""How well values are read and questions computed, and how fast: `python -m benchmarks.calculation [--half dev]`.

The specifications are read from $ZHIDA_DATA. cn2an, JioNLP, quantulum3 and dateparser are measured on the same cases
when
they are installed (they are no dependency of Zhida).
"""

import argparse
import csv
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from benchmarks import calculation_peers as peers
from benchmarks import calculation_specs as specs
from benchmarks.data import ROOT, find, read_jsonl, read_queries, read_tsv, show, write
from faq.calculation import Calculator, finance
from faq.calculation.reading import read
from faq.calculation.reading.folding import fold
from faq.calculation.reading.numerals import scan
from faq.calculation.values import Type, Value
from faq.content import Content

_NOW = datetime(2026, 1, 15, 10)  # noqa: DTZ001 (local time)
_OURS = "zhida"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calculation", description=__doc__)
    parser.add_argument("--half", default="dev", choices=("dev", "holdout"))
    half = parser.parse_args().half
    calculator = Calculator.build(Content((), "benchmark"))
    results: dict[str, object] = {
        "recognizers": _recognizers(half),
        "others": _others(half),
        "finance": _finance(),
        "detection": _detection(calculator, half),
        "templates": _templates(calculator, half),
        "speed": _speed(calculator, half),
    }
    write("calculation" if half == "dev" else f"calculation_{half}", results)
    return 0


def _recognizers(half: str) -> Mapping[str, object]:
    table = []
    for language in ("chinese", "english"):
        rows = [row for row in read_jsonl(f"D_parse_recognizers_text/{language}_{half}.jsonl") if _is_measured(row)]
        ours = {str(row["id"]): _is_read(row) for row in rows}
        peer = peers.recognizers_text(language)
        theirs = {str(row["id"]): peer(row) for row in rows} if peer else {}
        for name in (*sorted(set(map(specs.model_of, rows))), "numbers and percentages", "all"):
            chosen = [str(row["id"]) for row in rows if _is_of(row, name)]
            shares = [sum(judged[key] for key in chosen) / len(chosen) if judged else "-" for judged in (ours, theirs)]
            table.append(
                {
                    "language": language,
                    "kind": name,
                    "cases": len(chosen),
                    _OURS: shares[0],
                    "recognizers-text": shares[1],
                }
            )
    show("Recognizers-Text: value and span agree", table)
    return {f"{row['language']} {row['kind']}": row for row in table}


def _is_read(row: specs.Row) -> bool:
    return specs.recognized(row, read(str(row["input"]), specs.reference(row)))


def _is_of(row: specs.Row, name: str) -> bool:
    model = specs.model_of(row)
    return name in ("all", model) or (name == "numbers and percentages" and model in {"Number", "Percent"})


def _is_measured(row: specs.Row) -> bool:
    return row["kind"] in {"Number", "NumberWithUnit", "DateTime"}


def _others(half: str) -> Mapping[str, object]:
    """cn2an and JioNLP specifications, ours and the libraries beside each other."""
    numerals = [row for row in read_jsonl(f"D_parse_cn2an_zh/cases_{half}.jsonl") if row["suite"] == "cn2an_test"]
    times = read_jsonl(f"D_parse_jionlp_zh/time_cases_{half}.jsonl")
    money = read_jsonl(f"D_parse_jionlp_zh/money_cases_{half}.jsonl")
    rows = [
        _compared(
            "cn2an numerals",
            numerals,
            {_OURS: _our_numeral, "cn2an": peers.cn2an_numeral, "JioNLP": peers.jionlp_numeral},
        ),
        _compared(
            "JioNLP times", times, {_OURS: _our_time, "JioNLP": peers.jionlp_time, "dateparser": peers.dateparser_time}
        ),
        _compared(
            "JioNLP money",
            money,
            {_OURS: _our_money, "JioNLP": peers.jionlp_money, "quantulum3": peers.quantulum_money},
        ),
    ]
    show("Other specifications (a library that is not installed shows -)", rows)
    return {str(row["specification"]): row for row in rows}


_COLUMNS = (_OURS, "cn2an", "JioNLP", "dateparser", "quantulum3")
_Judge = Callable[[specs.Row], bool]


def _compared(name: str, rows: Sequence[specs.Row], judges: Mapping[str, _Judge]) -> dict[str, object]:
    shown: dict[str, object] = {"specification": name, "cases": len(rows)}
    for column in _COLUMNS:
        judge = judges.get(column)
        installed = column == _OURS or peers.library(column.lower()) is not None
        shown[column] = sum(map(judge, rows)) / len(rows) if judge and installed else "-"
    return shown


def _our_numeral(row: specs.Row) -> bool:
    """Numerals and amounts (玖仟元壹角) are read; what cn2an refuses in the strict mode may be read as people
    say it.
    """
    text, wanted = str(row["input"]), row["expected"]
    folded = fold(text)
    money = [value for value in read(text, _NOW) if value.type is Type.CURRENCY and value.value is not None]
    whole = next((value.value for value in money if (value.start, value.end) == (0, len(text))), None)
    if whole is None:
        number = [value for value in read(text, _NOW) if value.type is Type.NUMBER]
        whole = next((value.value for value in number if (value.start, value.end) == (0, len(text))), None)
    if wanted == "<error>":
        return whole is None or "strict" in str(row["group"])
    if row["group"] == "direct_data_dict":
        numeral = scan(folded.lstrip("负").replace("幺", "一"), 0)
        return numeral is not None and int(numeral.value) == abs(int(str(wanted)))
    return isinstance(whole, Decimal) and specs.close(whole, str(wanted))


def _our_time(row: specs.Row) -> bool:
    return specs.timed(row, read(str(row["text"]), specs.time_base(row)))


_CODES = {
    "元": "CNY", "美元": "USD", "欧元": "EUR", "港元": "HKD", "新台币": "TWD", "卢布": "RUB", "泰铢": "THB",
    "韩元": "KRW",
    "日元": "JPY", "英镑": "GBP", "澳元": "AUD", "加元": "CAD", "澳门元": "MOP", "瑞士法郎": "CHF", "卢比": "RUPEE",
    "法郎": "FRANC",
}  # fmt: skip


def _our_money(row: specs.Row) -> bool:
    """The amount, or both ends of a spoken span, in the currency; an amount without one counts as yuan."""
    wanted = row["expected"]
    assert isinstance(wanted, dict)
    ends = wanted["num"] if isinstance(wanted["num"], list) else [wanted["num"]]
    code = _CODES.get(wanted["case"], wanted["case"])
    for value in read(str(row["text"]), _NOW):
        money = value.type in {Type.CURRENCY, Type.CURRENCY_RANGE} and value.unit == code
        plain = value.type in {Type.NUMBER, Type.NUMBER_RANGE} and code == "CNY"
        if (money or plain) and _money_ends(value, len(ends)) == [Decimal(end) for end in ends]:
            return True
    return False


def _money_ends(value: Value, count: int) -> list[Decimal]:
    ends = (
        [value.value]
        if isinstance(value.value, Decimal)
        else [getattr(value.value, "start", None), getattr(value.value, "end", None)]
    )
    return [end for end in ends if isinstance(end, Decimal)][:count]


def _finance() -> Mapping[str, object]:
    """The transcribed numpy-financial cases, to the decimals written; and each payment against the equation to 1e-9."""
    rows = read_jsonl("D_compute_finance_numpy/cases.jsonl")
    right = 0
    for row in rows:
        given = getattr(finance, str(row["function"]))(*map(_decimals, row["args"]))  # type: ignore[call-overload]
        unit = Decimal(1).scaleb(-int(str(row["decimals"])))
        right += abs(given - Decimal(str(row["expected"]))) <= unit / 2 + Decimal("1e-12")
    worst = _annuity_error()
    show(
        "Finance",
        [{"cases": len(rows), "agree": right / len(rows), "worst error of the annuity equation": f"{worst:.0e}"}],
    )
    return {"agree": right / len(rows), "worst_error": float(worst)}


def _decimals(value: object) -> Any:
    return [Decimal(str(item)) for item in value] if isinstance(value, list) else Decimal(str(value))


def _annuity_error() -> Decimal:
    """pv (1+r)^n + pmt ((1+r)^n - 1) / r = 0, over loans of 1 to 480 months."""
    worst = Decimal(0)
    with localcontext() as context:
        context.prec = 40
        for months in (1, 12, 60, 360, 480):
            for percent in ("0.01", "4.35", "36"):
                rate = Decimal(percent) / 1200
                payment = finance.pmt(rate, Decimal(months), Decimal(100_000))
                growth = (1 + rate) ** months
                worst = max(worst, abs(100_000 * growth + payment * (growth - 1) / rate) / growth)
    return worst


def _detection(calculator: Calculator, half: str) -> Mapping[str, object]:
    hits = {(wanted, given): 0 for wanted in "01" for given in "01"}
    taken = questions = 0
    for row in read_tsv(f"D_compute_detection_zh/detect_{half}.tsv"):
        given = str(int(calculator.is_computation(row["text"], _NOW)))
        hits[row["is_compute"], given] += 1
        if row["is_compute"] == "0":
            outcome = calculator.answer(row["text"], _NOW)
            questions += 1
            taken += outcome is not None and bool(outcome.template)
    true, wrong, missed = hits["1", "1"], hits["0", "1"], hits["1", "0"]
    result = {
        "f1": 2 * true / (2 * true + wrong + missed),
        "faq taken for a computation": wrong / questions,
        "faq answered by a template": taken / questions,
        **{name: _recall(calculator, name, half) for name in ("ape210k", "cmath")},
    }
    show("Is it a computation?", [result])
    return result


def _recall(calculator: Calculator, name: str, half: str) -> float:
    """Word problems recognised as computation."""
    path, key = {
        "ape210k": (f"D_compute_ape210k_zh/ape_{half}.jsonl", "question"),
        "cmath": (f"D_compute_cmath_zh/cmath_{half}.jsonl", "input"),
    }[name]
    rows = read_jsonl(path)
    return sum(calculator.is_computation(str(row[key]), _NOW) for row in rows) / len(rows)


def _templates(calculator: Calculator, half: str) -> Mapping[str, object]:
    """Questions written for this find their template; of the FAQ sets' questions, how many start one."""
    with (ROOT / "benchmarks/calculation_questions.tsv").open(encoding="utf-8") as file:
        ours = list(csv.DictReader(file, delimiter="\t"))
    found = [(row["template"].split("|"), calculator.answer(row["question"], _NOW)) for row in ours]
    right = sum(outcome is not None and outcome.template in wanted for wanted, outcome in found)
    wrong = sum(
        outcome is not None and bool(outcome.template) and outcome.template not in wanted for wanted, outcome in found
    )
    texts = [query.text for name in _FAQ_SETS for query in read_queries(f"{name}/queries_{half}.tsv")]
    started = [text for text in texts if (outcome := calculator.answer(text, _NOW)) and outcome.template]
    result = {
        "questions": len(ours), "right template": right / len(ours), "wrong template": wrong / len(ours),
        "FAQ questions": len(texts), "of them start a template": len(started),
    }  # fmt: skip
    show("Which template?", [result])
    print(*started, sep="\n")
    return result


_FAQ_SETS = (
    "A_faq_atec_fintech_zh", "A_faq_bq_bank_zh", "A_faq_bustm_assistant_zh", "A_faq_chip2019_zh",
    "A_faq_chitchat_shenzhen_zh", "A_faq_epidemic_zh", "A_faq_gov_shenzhen_zh", "A_faq_insurance_zh",
    "A_faq_lcqmc_general_zh", "H_composite_multikb_zh",
)  # fmt: skip
_QUESTIONS = (
    "贷款10万，年利率4.35%，分3年，每月还多少", "下单后第15天是几号", "满300减50打8折买420的多少钱", "1.5公里是多少米",
    "(12.5+3)*4等于多少",
    "100的15%是多少", "36.5摄氏度是多少华氏度", "100美元换成人民币是多少", "从2026年1月1日到2026年5月1日有多少天",
    "怎么修改登录密码", "我的快递三天了还没到",
    "convert 10 celsius to fahrenheit", "monthly payment for $20000 over 3 years at 5%",
)  # fmt: skip


def _speed(calculator: Calculator, half: str) -> Mapping[str, object]:
    """Milliseconds to read and compute: questions of customers, and the mixed texts of the detection set."""
    mixed = [row["text"] for row in read_tsv(f"D_compute_detection_zh/detect_{half}.tsv")]
    rows = [
        _timed("customers' questions", calculator, _QUESTIONS * 40),
        _timed("detection set", calculator, mixed),
    ]
    show("Speed, ms (CPU time)", rows)
    return {str(row["texts"]): row for row in rows}


def _timed(name: str, calculator: Calculator, texts: Sequence[str]) -> dict[str, object]:
    for text in texts[:20]:
        calculator.answer(text, _NOW)
    taken = []
    for text in texts:
        started = time.thread_time_ns()
        calculator.answer(text, _NOW)
        taken.append((time.thread_time_ns() - started) / 1e6)
    return {"texts": name, "p50": statistics.median(taken), "p99": statistics.quantiles(taken, n=100)[98]}


if __name__ == "__main__":
    find("D_parse_recognizers_text")
    sys.exit(main())
