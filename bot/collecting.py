"""Where a reply goes on a platform that takes it in the response to its own request: into that response, into the
outbox, or on the shelf until the user comes for it. Pure.

An account that may push sends late answers by the outbox. One that may not shelves them; the next request of the same
user takes along what is on the shelf, oldest first, as much as fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.messages import Message, Reply
from adapters.protocol import Adapter, Outgoing, piece_key
from bot.ledger import Pending

COLLECT = "zhida.collect"  # the key in Message.context of a message that only asks for what is on the shelf
_BETWEEN = "\n\n"


@dataclass(frozen=True, slots=True)
class Given:
    """What is kept of a reply: its text as sent, where it goes, and the shelved pieces that went with it.

    `state` is the message's in the ledger: answered, passive or waiting; `piece_state` that of its pieces.
    """

    reply: Reply
    state: str = "answered"
    pieces: tuple[Outgoing, ...] = ()
    piece_state: str = "pending"
    collected: tuple[str, ...] = ()


def give(adapter: Adapter, message: Message, reply: Reply, shelf: Sequence[Pending], link: str, *, held: bool) -> Given:
    """Decide for one reply. `held`: a request is open that can carry it; `link`: how to come for what does not fit."""
    pieces = adapter.render(reply, message) if reply.text else ()
    if adapter.passive is not None and adapter.passive.push:
        if held and len(pieces) <= 1:
            return Given(reply, "passive")
        return Given(reply, pieces=pieces)
    if not held:
        return _shelve(message, reply) if reply.text else Given(reply)
    return _take_along(adapter, message, reply, shelf, link)


def _take_along(adapter: Adapter, message: Message, reply: Reply, shelf: Sequence[Pending], link: str) -> Given:
    """As much of the shelf and of the reply as one response holds; what is left follows the link."""

    def fits(text: str) -> bool:
        return len(adapter.render(replace(reply, text=text), message)) <= 1

    whole = _joined(*map(shelved_text, shelf), reply.text)
    if fits(whole) or not shelf:
        return Given(replace(reply, text=whole), "passive", collected=tuple(piece.key for piece in shelf))
    taken = 1
    while fits(_joined(*map(shelved_text, shelf[: taken + 1]), link)) and taken < len(shelf):
        taken += 1
    text = _joined(*map(shelved_text, shelf[:taken]), link)
    left = (_on_shelf(message, reply),) if reply.text else ()
    return Given(replace(reply, text=text), "passive", left, "waiting", tuple(piece.key for piece in shelf[:taken]))


def _shelve(message: Message, reply: Reply) -> Given:
    return Given(reply, "waiting", (_on_shelf(message, reply),), "waiting")


def _on_shelf(message: Message, reply: Reply) -> Outgoing:
    return Outgoing(piece_key(message, 0), message.user, {"text": reply.text})


def shelved_text(piece: Pending) -> str:
    """The text of a piece that waits to be collected."""
    return str(piece.outgoing.payload["text"])


def _joined(*texts: str) -> str:
    return _BETWEEN.join(text for text in texts if text)
