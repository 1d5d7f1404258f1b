"""What is known of a channel from what really happened on it; bot/channels.py tells it in /readyz and /metrics."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.protocol import Adapter, Delivery, Outcome


@dataclass(slots=True)
class Health:
    """One channel since the start. Times in Unix seconds, 0 for never; `trouble` says why the last send failed."""

    waiting: int = 0  # pieces that are to go out
    received: float = 0.0
    sent: float = 0.0
    trouble: str = ""

    def hear(self) -> None:
        """A message was taken in."""
        self.received = time.time()

    def note(self, delivery: Delivery) -> None:
        """A send ended so."""
        if delivery.outcome is Outcome.SENT:
            self.sent, self.trouble = time.time(), ""
        else:
            self.trouble = f"{delivery.outcome}: {delivery.detail}"

    def works(self, adapter: Adapter) -> bool:
        """Whether the connection stands, where there is one, and the last reply went out."""
        return adapter.connected and not self.trouble

    def shown(self, adapter: Adapter) -> dict[str, object]:
        """For the operator."""
        return {
            "platform": adapter.platform,
            "connected": adapter.connected,
            "works": self.works(adapter),
            "waiting": self.waiting,
            "last_received": _time(self.received),
            "last_sent": _time(self.sent),
            "trouble": self.trouble,
        }


def _time(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None
