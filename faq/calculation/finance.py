"""Annuities in Decimal with the signs and argument order of numpy-financial: what is paid out is negative.

`when` 0 pays at the end of a period, 1 at its beginning. Formulas: any textbook of financial mathematics.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext

_ZERO, _ONE = Decimal(0), Decimal(1)
_STEPS = 200


class NoSolutionError(ArithmeticError):
    """The equation for a rate has no solution that the iteration finds."""


def pmt(rate: Decimal, nper: Decimal, pv: Decimal, fv: Decimal = _ZERO, when: Decimal = _ZERO) -> Decimal:
    """The payment of each period."""
    if not rate:
        return -(fv + pv) / nper
    growth = (_ONE + rate) ** nper
    return -(fv + pv * growth) * rate / ((_ONE + rate * when) * (growth - 1))


def fv(rate: Decimal, nper: Decimal, pmt: Decimal, pv: Decimal, when: Decimal = _ZERO) -> Decimal:
    """The value after `nper` periods."""
    if not rate:
        return -(pv + pmt * nper)
    growth = (_ONE + rate) ** nper
    return -pv * growth - pmt * (_ONE + rate * when) / rate * (growth - 1)


def pv(rate: Decimal, nper: Decimal, pmt: Decimal, fv: Decimal = _ZERO, when: Decimal = _ZERO) -> Decimal:
    """The value today."""
    if not rate:
        return -(fv + pmt * nper)
    growth = (_ONE + rate) ** nper
    return -(fv + pmt * (_ONE + rate * when) / rate * (growth - 1)) / growth


def ipmt(
    rate: Decimal, per: Decimal, nper: Decimal, pv: Decimal, fv_: Decimal = _ZERO, when: Decimal = _ZERO
) -> Decimal:
    """The interest in the payment of period `per` (the first is 1)."""
    if when == 1 and per == 1:
        return _ZERO
    payment = pmt(rate, nper, pv, fv_, when)
    interest = fv(rate, per - 1, payment, pv, when) * rate
    return interest / (_ONE + rate) if when == 1 else interest


def ppmt(
    rate: Decimal, per: Decimal, nper: Decimal, pv: Decimal, fv_: Decimal = _ZERO, when: Decimal = _ZERO
) -> Decimal:
    """The repayment in the payment of period `per`."""
    return pmt(rate, nper, pv, fv_, when) - ipmt(rate, per, nper, pv, fv_, when)


def nper(rate: Decimal, pmt: Decimal, pv: Decimal, fv: Decimal = _ZERO, when: Decimal = _ZERO) -> Decimal:
    """How many periods it takes."""
    if not rate:
        return -(fv + pv) / pmt
    payment = pmt * (_ONE + rate * when) / rate
    quotient = (payment - fv) / (payment + pv)
    if quotient <= 0:
        raise NoSolutionError("the payments never repay the sum")
    return quotient.ln() / (_ONE + rate).ln()


def rate(
    nper: Decimal,
    pmt: Decimal,
    pv: Decimal,
    fv_: Decimal = _ZERO,
    when: Decimal = _ZERO,
    guess: Decimal = Decimal("0.1"),
) -> Decimal:
    """The interest rate of one period."""
    return _root(lambda value: fv(value, nper, pmt, pv, when) - fv_, guess)


def irr(flows: Sequence[Decimal]) -> Decimal:
    """The rate at which the flows (one a period, the first now) are worth nothing together, nearest to zero."""
    if not (any(flow > 0 for flow in flows) and any(flow < 0 for flow in flows)):
        raise NoSolutionError("the flows need a payment and a return")

    def worth(value: Decimal) -> Decimal:
        return sum((flow / (_ONE + value) ** period for period, flow in enumerate(flows)), _ZERO)

    return _root(worth, Decimal("0.1"))


def _root(function: Callable[[Decimal], Decimal], guess: Decimal) -> Decimal:
    """Secant iteration from `guess`; the rate stays above -100 %."""
    with localcontext(prec=40):
        return +_iterate(function, guess)


def _iterate(function: Callable[[Decimal], Decimal], guess: Decimal) -> Decimal:
    before, now = guess, guess * Decimal("1.01") + Decimal("0.0001")
    value_before, value_now = function(before), function(now)
    for _ in range(_STEPS):
        if value_now == value_before:
            break
        after = now - value_now * (now - before) / (value_now - value_before)
        after = max(after, (now - 1) / 2)
        before, value_before, now = now, value_now, after
        value_now = function(now)
        if abs(now - before) < Decimal("1e-20"):
            return now
    if abs(value_now) < Decimal("1e-12"):
        return now
    raise NoSolutionError("no rate solves it")
