"""What may be said and how often. Pure and synchronous: text in, value out; only load() reads files."""

from policies.policy import Policy, load
from policies.rulebook import Problem, RulesError
from policies.verdict import Action, Direction, Hit, Verdict

__all__ = ["Action", "Direction", "Hit", "Policy", "Problem", "RulesError", "Verdict", "load"]
