"""Computed answers: reads values from a question, finds the template of the staff it asks for, computes, shows how."""

from faq.calculation.calculator import Calculator, Outcome, compile_content
from faq.calculation.forms import Form
from faq.calculation.rates import lint_rates, read_rates
from faq.calculation.values import Type, Value

__all__ = ["Calculator", "Form", "Outcome", "Type", "Value", "compile_content", "lint_rates", "read_rates"]
