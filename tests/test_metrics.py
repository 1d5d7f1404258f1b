"""What /metrics says."""

from adapters.messages import Reply, Source, Step
from bot.metrics import Metrics


def test_messages_are_counted_by_source() -> None:
    """Two exact answers and one unknown question are counted apart."""
    metrics = Metrics()
    for source in (Source.EXACT, Source.EXACT, Source.NONE):
        metrics.observe(Reply("好的", source), 0.01)
    shown = metrics.render().decode()
    assert 'zhida_messages_total{source="exact"} 2.0' in shown
    assert 'zhida_messages_total{source="none"} 1.0' in shown


def test_each_step_has_its_latency() -> None:
    """A step's milliseconds land in the histogram of that step, in seconds."""
    metrics = Metrics()
    metrics.observe(Reply("好的", Source.FAQ, trace=(Step("match", 4.0),)), 0.006)
    shown = metrics.render().decode()
    assert 'zhida_step_seconds_bucket{le="0.0025",step="match"} 0.0' in shown
    assert 'zhida_step_seconds_bucket{le="0.005",step="match"} 1.0' in shown
    assert "zhida_reply_seconds_sum 0.006" in shown


def test_two_services_do_not_share_numbers() -> None:
    """A second Metrics starts at nothing."""
    Metrics().observe(Reply("好的", Source.EXACT), 0.01)
    assert "zhida_messages_total{" not in Metrics().render().decode()
