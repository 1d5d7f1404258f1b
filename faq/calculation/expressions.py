"""The formula language: parsing and evaluating arithmetic safely.

Python's parser reads the text; of its tree only numbers, names, operators, comparisons, if/else, calls of known
functions and assignments are allowed. Nothing is executed: the tree is walked, in Decimal, with bounded sizes.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext

from faq.calculation import calendar, finance
from faq.calculation.conversion import Quantity, UnitError

Item = Decimal | date | time | Quantity | str | bool
Function = Callable[..., Item]
Rows = tuple[tuple[Decimal | None, Decimal], ...]

_CONTEXT = Context(prec=40, Emax=999_999, Emin=-999_999, traps=[DivisionByZero, InvalidOperation, Overflow])
_DIGITS = 400  # of a power
_STEPS = 20_000  # nodes visited in one evaluation
_DEPTH = 60

_OPERATORS: Mapping[type[ast.AST], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_COMPARISONS: Mapping[type[ast.AST], Callable[[Item, Item], bool]] = {
    ast.Lt: operator.lt,  # type: ignore[dict-item]
    ast.LtE: operator.le,  # type: ignore[dict-item]
    ast.Gt: operator.gt,  # type: ignore[dict-item]
    ast.GtE: operator.ge,  # type: ignore[dict-item]
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_ALLOWED = (
    ast.Module, ast.Expr, ast.Assign, ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Call, ast.Constant, ast.Name,
    ast.BoolOp, ast.List, ast.And, ast.Or, ast.Not, ast.USub, ast.UAdd, ast.Pow, ast.FloorDiv, ast.Mod, ast.Load,
    ast.Store, *_OPERATORS, *_COMPARISONS,
)  # fmt: skip


class ExpressionError(ValueError):
    """The text is not a formula; the message says what is wrong, in English, for staff and operators."""


class TroubleError(ArithmeticError):
    """It cannot be computed with these values; `kind` names the phrase that tells the user."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Expression:
    """Assignments in order, then the expression of the result."""

    steps: tuple[tuple[str, ast.expr], ...]
    result: ast.expr

    @property
    def names(self) -> frozenset[str]:
        """The names it reads, without the functions it calls and what it defines itself."""
        used: set[str] = set()
        for _, node in (*self.steps, ("", self.result)):
            calls = {id(call.func) for call in ast.walk(node) if isinstance(call, ast.Call)}
            used |= {
                name.id for name in ast.walk(node) if isinstance(name, ast.Name) and id(name) not in calls
            } - _bound(node)
        return frozenset(used)

    @property
    def functions(self) -> frozenset[str]:
        nodes = [node for _, node in (*self.steps, ("", self.result))]
        calls = [call for node in nodes for call in ast.walk(node) if isinstance(call, ast.Call)]
        return frozenset(call.func.id for call in calls if isinstance(call.func, ast.Name))


def _bound(node: ast.expr) -> set[str]:
    """The counters of sum(expression, counter, first, last)."""
    sums = [call for call in ast.walk(node) if isinstance(call, ast.Call) and _is_sum(call)]
    return {call.args[1].id for call in sums if isinstance(call.args[1], ast.Name)}


def _is_sum(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "sum" and len(call.args) == 4


def parse(text: str) -> Expression:
    """Read a formula: lines `name = expression`, the last line the result. Raises ExpressionError."""
    try:
        tree = ast.parse(text.strip(), mode="exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = error.msg if isinstance(error, SyntaxError) else "too deeply nested"
        raise ExpressionError(f"cannot be read: {message}") from error
    _check(tree)
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise ExpressionError("has no result; write the expression of the result on the last line")
    steps = []
    for line in tree.body[:-1]:
        if not isinstance(line, ast.Assign) or len(line.targets) != 1 or not isinstance(line.targets[0], ast.Name):
            raise ExpressionError("only the last line is the result; write the lines before it as name = expression")
        steps.append((line.targets[0].id, line.value))
    return Expression(tuple(steps), tree.body[-1].value)


def _check(tree: ast.AST, depth: int = 0) -> None:
    if depth > _DEPTH:
        raise ExpressionError("is too deeply nested; split it into lines")
    if not isinstance(tree, _ALLOWED):
        raise ExpressionError(f"{type(tree).__name__} is not part of the formula language")
    if isinstance(tree, ast.Constant) and (
        isinstance(tree.value, bool) or not isinstance(tree.value, int | float | str)
    ):
        raise ExpressionError(f"{tree.value!r} is not a number or a text")
    if isinstance(tree, ast.Call) and (not isinstance(tree.func, ast.Name) or tree.keywords):
        raise ExpressionError("only the built-in functions can be called, without keywords")
    for child in ast.iter_child_nodes(tree):
        _check(child, depth + 1)


class Evaluation:
    """One evaluation: values of names, functions, and the count of steps that bounds it."""

    def __init__(self, values: Mapping[str, Item], functions: Mapping[str, Function]) -> None:
        self._values = dict(values)
        self._functions, self._left = functions, _STEPS

    def run(self, expression: Expression) -> Mapping[str, Item]:
        """Every name with its value, and the result as `result`. Raises TroubleError."""
        with localcontext(_CONTEXT):
            try:
                for name, node in expression.steps:
                    self._values[name] = self.value(node)
                self._values["result"] = self.value(expression.result)
            except DivisionByZero as error:
                raise TroubleError("division_by_zero") from error
            except (InvalidOperation, Overflow, calendar.FarDateError, OverflowError) as error:
                zero = isinstance(error, InvalidOperation)
                raise TroubleError("division_by_zero" if zero else "too_large") from error
            except finance.NoSolutionError as error:
                raise TroubleError("no_solution") from error
            except UnitError as error:
                raise TroubleError("unit") from error
            except TypeError as error:
                raise TroubleError("type") from error
        return self._values

    def value(self, node: ast.expr) -> Item:
        self._left -= 1
        if self._left < 0:
            raise TroubleError("too_large")
        match node:
            case ast.Constant():
                return node.value if isinstance(node.value, str) else Decimal(str(node.value))
            case ast.Name():
                return self._values[node.id]
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._binary(node.op, self.value(node.left), self.value(node.right))
            case ast.IfExp():
                return self.value(node.body if self.value(node.test) else node.orelse)
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp():
                join = all if isinstance(node.op, ast.And) else any
                return join(bool(self.value(value)) for value in node.values)
            case ast.Call():
                return self._call(node)
        raise TroubleError("type")

    def _unary(self, node: ast.UnaryOp) -> Item:
        value = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            return not value
        number = _number(value)
        return -number if isinstance(node.op, ast.USub) else number

    def _binary(self, kind: ast.operator, left: Item, right: Item) -> Item:
        if isinstance(left, date) or isinstance(right, date):
            return _move_date(kind, left, right)
        if isinstance(left, Quantity) or isinstance(right, Quantity):
            return left.combine(kind, right) if isinstance(left, Quantity) else _scale(kind, left, right)
        first, second = _number(left), _number(right)
        if isinstance(kind, ast.Pow):
            return power(first, second)
        if isinstance(kind, ast.FloorDiv | ast.Mod):
            if not second:
                raise TroubleError("division_by_zero")
            quotient = (first / second).to_integral_value("ROUND_FLOOR")
            return quotient if isinstance(kind, ast.FloorDiv) else first - second * quotient
        return _OPERATORS[type(kind)](first, second)

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for comparison, other in zip(node.ops, node.comparators, strict=True):
            right = self.value(other)
            if not _COMPARISONS[type(comparison)](left, right):
                return False
            left = right
        return True

    def _call(self, node: ast.Call) -> Item:
        assert isinstance(node.func, ast.Name)
        if _is_sum(node):
            return self._sum(node)
        arguments = [
            [self.value(item) for item in argument.elts] if isinstance(argument, ast.List) else self.value(argument)
            for argument in node.args
        ]
        return self._functions[node.func.id](*arguments)

    def _sum(self, node: ast.Call) -> Decimal:
        counter = node.args[1]
        assert isinstance(counter, ast.Name)
        first, last = _number(self.value(node.args[2])), _number(self.value(node.args[3]))
        if last - first > _STEPS:
            raise TroubleError("too_large")
        total, at, hidden = Decimal(0), first, self._values.get(counter.id)
        while at <= last:
            self._values[counter.id] = at
            total += _number(self.value(node.args[0]))
            at += 1
        if hidden is not None:
            self._values[counter.id] = hidden
        return total


def _number(value: Item) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal):
        raise TypeError(f"{value!r} is not a number")
    return value


def _scale(kind: ast.operator, left: Item, right: Item) -> Quantity:
    if not isinstance(kind, ast.Mult) or not isinstance(right, Quantity):
        raise TypeError("a number and a quantity")
    return right.combine(kind, left)


def _move_date(kind: ast.operator, left: Item, right: Item) -> Item:
    """date - date is days; date +/- days is a date."""
    if isinstance(left, date) and isinstance(right, date) and isinstance(kind, ast.Sub):
        return Decimal((_day(left) - _day(right)) // timedelta(days=1))
    if isinstance(left, date) and isinstance(right, Decimal) and isinstance(kind, ast.Add | ast.Sub):
        return calendar.add_days(left, int(right) if isinstance(kind, ast.Add) else -int(right))
    raise TypeError("dates can only be subtracted, or moved by days")


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """`base ** exponent`, refused with TroubleError when it would have more than some hundred digits."""
    if not base:
        if exponent < 0:
            raise TroubleError("division_by_zero")
        return Decimal(0) if exponent else Decimal(1)
    if abs(exponent) > 100_000 or abs(exponent * (abs(base).adjusted() + 1)) > _DIGITS * 25:
        raise TroubleError("too_large")
    if base < 0 and exponent != int(exponent):
        raise TroubleError("no_solution")
    value = base**exponent
    if value and abs(value.adjusted()) > _DIGITS:
        raise TroubleError("too_large")
    return value
