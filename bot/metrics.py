"""What the operator watches: messages by source, seconds by step, in Prometheus' text format.

Each Metrics has its own registry, so that two services in one process (tests) do not share numbers.
"""

from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from adapters.messages import Reply
from adapters.protocol import Adapter
from bot.costs import Standing
from bot.health import Health

CONTENT_TYPE = CONTENT_TYPE_LATEST
Series = TypeVar("Series", Counter, Histogram)

_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The numbers of one service. `observe` each reply once, `render` what /metrics answers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._messages = Counter(
            "zhida_messages", "Messages answered, by the step that answered.", ["source"], registry=self._registry
        )
        self._replies = Histogram(
            "zhida_reply_seconds",
            "Seconds from a message's arrival to its reply.",
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._steps = Histogram(
            "zhida_step_seconds", "Seconds in each step.", ["step"], registry=self._registry, buckets=_SECONDS
        )
        self._cache = Counter(
            "zhida_answer_cache", "Look-ups in the answer cache, by outcome.", ["outcome"], registry=self._registry
        )
        self._saved = Counter(
            "zhida_answer_cache_saved_money", "What kept answers would have cost again.", registry=self._registry
        )
        self._budget = Gauge(
            "zhida_budget_spent_ratio", "Share of a limit of costs that is spent.", ["limit"], registry=self._registry
        )
        self._tools = Counter(
            "zhida_tool_calls",
            "Calls of the company's systems by what became of them.",
            ["tool", "outcome"],
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._of_step: dict[str, Histogram] = {}
        self._of_source: dict[str, Counter] = {}
        self._open_channels()

    def _open_channels(self) -> None:
        self._deliveries = Counter(
            "zhida_deliveries",
            "Pieces of replies by what became of them.",
            ["channel", "state"],
            registry=self._registry,
        )
        self._refused = Counter(
            "zhida_refused_requests", "Callbacks refused, by why.", ["channel", "why"], registry=self._registry
        )
        self._works = Gauge(
            "zhida_channel_works",
            "1 while a channel's connection stands and its last reply went out.",
            ["channel"],
            registry=self._registry,
        )
        self._waiting = Gauge(
            "zhida_channel_waiting", "Pieces of replies that are to go out.", ["channel"], registry=self._registry
        )

    def observe(self, reply: Reply, seconds: float) -> None:
        """Count one reply that took so many seconds, its steps by their trace."""
        _child(self._messages, self._of_source, reply.source).inc()
        self._replies.observe(seconds)
        for step in reply.trace:
            _child(self._steps, self._of_step, step.name).observe(step.ms / 1000)

    def recalled(self, outcome: str, saved: float) -> None:
        """Count one look-up in the answer cache and the money it saved."""
        self._cache.labels(outcome).inc()
        self._saved.inc(saved)

    def spent(self, standing: Standing) -> None:
        """Show the share of a limit that is spent."""
        self._budget.labels(standing.name).set(standing.share)

    def called(self, tool: str, outcome: str) -> None:
        """Count one call of a system that was answered, not found, failed, or refused for its arguments."""
        self._tools.labels(tool, outcome).inc()

    def delivered(self, channel: str, state: str) -> None:
        """Count one piece of a reply that was sent, refused, repeated or lost sight of."""
        self._deliveries.labels(channel, state).inc()

    def refused(self, channel: str, why: str) -> None:
        """Count one callback that was not what it should be."""
        self._refused.labels(channel, why).inc()

    def watch_channel(self, channel: str, adapter: Adapter, health: Health) -> None:
        """Tell of a channel as it is whenever the numbers are read."""
        self._works.labels(channel).set_function(lambda: health.works(adapter))
        self._waiting.labels(channel).set_function(lambda: health.waiting)

    def render(self) -> bytes:
        return generate_latest(self._registry)


def _child(metric: Series, known: dict[str, Series], label: str) -> Series:
    """The metric of one label, kept: to look it up by `labels` takes longer than to count."""
    if label not in known:
        known[label] = metric.labels(str(label))
    return known[label]
