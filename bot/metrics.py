"""What the operator watches: messages by source, seconds by step, in Prometheus' text format.

Each Metrics has its own registry, so that two services in one process (tests) do not share numbers.
"""

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from adapters.messages import Reply

CONTENT_TYPE = CONTENT_TYPE_LATEST

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
        ProcessCollector(registry=self._registry)

    def observe(self, reply: Reply, seconds: float) -> None:
        """Count one reply that took so many seconds, its steps by their trace."""
        self._messages.labels(str(reply.source)).inc()
        self._replies.observe(seconds)
        for step in reply.trace:
            self._steps.labels(step.name).observe(step.ms / 1000)

    def render(self) -> bytes:
        return generate_latest(self._registry)
