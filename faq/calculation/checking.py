"""What is wrong with a formula before anyone asks: unknown names, wrong units, cycles, slots never used."""

import ast
from collections.abc import Iterator, Mapping

from faq.calculation import conversion
from faq.calculation.expressions import Expression
from faq.calculation.functions import SIGNATURES

Measure = Mapping[str, int] | str | None
"""Powers of what is measured ({'[length]': 2}, {} a plain number), `date`, `text`, or None: fits anything."""

_NUMBER: Measure = {}


def problems(
    expression: Expression, measures: Mapping[str, Measure], tables: frozenset[str], shown: frozenset[str]
) -> Iterator[str]:
    """Sentences of what is wrong, in English; `measures` of the inputs, `shown` the names the answer shows."""
    known = dict(measures)
    later = [name for name, _ in expression.steps]
    checker = _Checker(known, tables)
    for at, (name, node) in enumerate((*expression.steps, ("result", expression.result))):
        unknown = _unknown(node, known)
        for other in sorted(unknown):
            if other in later[at:]:
                yield f"{name} needs {other}, which is only known later: a cycle; reorder the lines"
            else:
                yield f"{other!r} is not an input or an earlier line; inputs are {', '.join(measures) or 'none'}"
        known[name] = None if unknown else checker.measure(node)
        yield from checker.drain()
    for name in measures:
        if name not in expression.names and name not in shown:
            yield f"input {name} is never used in the formula; use it or delete it"


def _unknown(node: ast.expr, known: Mapping[str, Measure]) -> set[str]:
    names = Expression((), node).names
    return {name for name in names if name not in known}


class _Checker:
    """Walks a formula and says what it measures; collects what does not fit."""

    def __init__(self, known: Mapping[str, Measure], tables: frozenset[str]) -> None:
        self._known, self._tables, self._found = known, tables, list[str]()

    def drain(self) -> list[str]:
        found, self._found = self._found, []
        return found

    def measure(self, node: ast.expr) -> Measure:
        match node:
            case ast.Constant():
                return "text" if isinstance(node.value, str) else None
            case ast.Name():
                return self._known.get(node.id)
            case ast.UnaryOp():
                return self.measure(node.operand)
            case ast.BinOp():
                return self._binary(node)
            case ast.IfExp():
                self.measure(node.test)
                return self._same(node, self.measure(node.body), self.measure(node.orelse), "choosing between")
            case ast.Call():
                return self._call(node)
        self._condition(node)
        return None

    def _condition(self, node: ast.expr) -> None:
        if isinstance(node, ast.Compare):
            for other in node.comparators:
                self._same(node, self.measure(node.left), self.measure(other), "comparing")
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                self.measure(value)

    def _binary(self, node: ast.BinOp) -> Measure:
        left, right = self.measure(node.left), self.measure(node.right)
        if "date" in (left, right):
            return self._dates(node, left, right)
        if isinstance(node.op, ast.Add | ast.Sub | ast.Mod):
            return self._same(node, left, right, "adding")
        if isinstance(left, str) or isinstance(right, str):
            self._found.append(f"{ast.unparse(node)}: a {left if isinstance(left, str) else right} is no number")
            return None
        if isinstance(node.op, ast.Pow):
            return self._power(node, left, right)
        sign = 1 if isinstance(node.op, ast.Mult) else -1
        return _product(left or {}, right or {}, sign)

    def _dates(self, node: ast.BinOp, left: Measure, right: Measure) -> Measure:
        if left == right and isinstance(node.op, ast.Sub):
            return _NUMBER
        if left == "date" and right in (None, {}) and isinstance(node.op, ast.Add | ast.Sub):
            return "date"
        self._found.append(f"{ast.unparse(node)}: dates can only be subtracted or moved by a number of days")
        return None

    def _power(self, node: ast.BinOp, left: Measure, right: Measure) -> Measure:
        if right:
            self._found.append(f"{ast.unparse(node)}: an exponent must be a plain number")
        if not left or not isinstance(left, Mapping):
            return left
        exponent = node.right.value if isinstance(node.right, ast.Constant) else None
        if not isinstance(exponent, int):
            self._found.append(f"{ast.unparse(node)}: {_say(left)} can only be raised to a written whole number")
            return None
        return {name: power * exponent for name, power in left.items()}

    def _same(self, node: ast.AST, left: Measure, right: Measure, doing: str) -> Measure:
        if left is None or right is None:
            return right if left is None else left
        if left != right:
            self._found.append(f"{ast.unparse(node)}: {doing} {_say(left)} and {_say(right)}")
        return left

    def _call(self, node: ast.Call) -> Measure:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        signature = SIGNATURES.get(name)
        if signature is None:
            self._found.append(f"function {name} is unknown; there are {', '.join(sorted(SIGNATURES))}")
            return None
        if not signature.least <= len(node.args) <= signature.most:
            self._found.append(f"{name} takes {signature.least} to {signature.most} values, not {len(node.args)}")
            return None
        if name in {"progressive", "bracket"}:
            self._table(node)
        if name == "sum":
            return self.measure(node.args[0])
        return self._result(name, signature.gives, [self.measure(argument) for argument in node.args], node)

    def _result(self, name: str, gives: str, measured: list[Measure], node: ast.Call) -> Measure:
        if name in {"min", "max"}:
            for other in measured[1:]:
                measured[0] = self._same(node, measured[0], other, "comparing")
        if gives == "money":
            return next((measure for measure in measured if measure and isinstance(measure, Mapping)), None)
        results: Mapping[str, Measure] = {"number": _NUMBER, "date": "date", "any": None}
        return results[gives] if gives in results else measured[gives == "second"] if measured else None

    def _table(self, node: ast.Call) -> None:
        first = node.args[0]
        if not isinstance(first, ast.Constant) or first.value not in self._tables:
            named = ", ".join(sorted(self._tables)) or "none"
            self._found.append(f"{ast.unparse(first)} is not a table under tiers; there are {named}")


def _product(left: Mapping[str, int] | str, right: Mapping[str, int] | str, sign: int) -> Measure:
    assert not isinstance(left, str)
    assert not isinstance(right, str)
    powers = dict(left)
    for name, power in right.items():
        powers[name] = powers.get(name, 0) + sign * power
    return {name: power for name, power in powers.items() if power}


def _say(measure: Measure) -> str:
    if isinstance(measure, str):
        return f"a {measure}"
    if not measure:
        return "a plain number"
    return " * ".join(name.strip("[]") + (f"^{power}" if power != 1 else "") for name, power in measure.items())


def measure_of(kind: str, unit: str) -> Measure:
    """What an input of this type measures. Raises UnitError when its unit is unknown."""
    if kind == "money":
        return {"[currency]": 1}
    if kind == "quantity":
        return conversion.dimensionality(unit) if unit else None
    if kind in {"date", "time"}:
        return kind
    return None if kind in {"choice", "unit", "currency"} else _NUMBER
