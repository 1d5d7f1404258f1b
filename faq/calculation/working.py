"""The working of a calculation: the formula with the values put in, as a person writes it."""

import ast
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal, localcontext

from faq.calculation.conversion import Quantity
from faq.calculation.expressions import Evaluation, Expression, Function, Item
from faq.calculation.values import digits

_SIGNS: Mapping[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", 1), ast.Sub: ("-", 1), ast.Mult: ("×", 2), ast.Div: ("÷", 2), ast.FloorDiv: ("//", 2),
    ast.Mod: ("%", 2), ast.Pow: ("^", 4),
}  # fmt: skip
_PLACES = 6
_LONGEST = 30  # digits before the point that are written out


def show(
    expression: Expression, values: Mapping[str, Item], functions: Mapping[str, Function], percents: frozenset[str]
) -> str:
    """`100000 × 4.35% ÷ 12 = 362.5`; assignments first, each with its value, joined by `；`."""
    lines: list[str] = []
    known = dict(values)
    for name, node in (*expression.steps, ("result", expression.result)):
        before = {key: value for key, value in known.items() if key != name}
        if name == "result" and lines and isinstance(node, ast.Name):
            continue  # the line above shows it
        text = _Writer(before, functions, percents).write(node)
        value = number(values[name])
        lines.append(text if text == value else f"{text} = {value}")
    return "；".join(lines)


def number(value: Item) -> str:
    """A value short enough to read: at most six decimal places, no exponent."""
    match value:
        case bool():
            return str(value)
        case Decimal():
            return _number(value)
        case Quantity():
            return number(value.amount)
        case date() | time():
            return value.isoformat()
    return str(value)


def _number(value: Decimal) -> str:
    if value and abs(value.adjusted()) > _LONGEST:
        return f"{value:.6E}"
    with localcontext(prec=2 * _LONGEST):
        return digits(round(value, _PLACES if value.adjusted() > -_PLACES else 2 * _PLACES))


class _Writer:
    """Writes one expression; conditions are shown by the branch taken."""

    def __init__(self, values: Mapping[str, Item], functions: Mapping[str, Function], percents: frozenset[str]) -> None:
        self._values, self._percents = values, percents
        self._evaluation = Evaluation(values, functions)

    def write(self, node: ast.expr, binding: int = 0) -> str:
        match node:
            case ast.Constant():
                return str(node.value)
            case ast.Name():
                return self._name(node.id)
            case ast.UnaryOp():
                return f"-{self.write(node.operand, 3)}" if isinstance(node.op, ast.USub) else self.write(node.operand)
            case ast.BinOp():
                return self._binary(node, binding)
            case ast.IfExp():
                return self.write(node.body if self._evaluation.value(node.test) else node.orelse, binding)
            case ast.Call():
                assert isinstance(node.func, ast.Name)
                return f"{node.func.id}({', '.join(self.write(argument) for argument in node.args)})"
            case ast.List():
                return f"[{', '.join(map(self.write, node.elts))}]"
        return ast.unparse(node)

    def _name(self, name: str) -> str:
        value = self._values.get(name, name)
        if name in self._percents and isinstance(value, Decimal):
            return f"{digits(value * 100)}%"
        return number(value)

    def _binary(self, node: ast.BinOp, binding: int) -> str:
        sign, own = _SIGNS[type(node.op)]
        right = own + (not isinstance(node.op, ast.Add | ast.Mult))
        text = f"{self.write(node.left, own)} {sign} {self.write(node.right, right)}"
        return f"({text})" if own < binding else text
