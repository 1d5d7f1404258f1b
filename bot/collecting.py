"""Where a reply goes on a platform that takes it in the response to its own request: into that response, into the
outbox, or on the shelf until the user comes for it. Pure.

An account that may push sends late answers by the outbox. One that may not keeps every page of every answer on the
shelf, waiting or shown; the next response to the same user takes along what waits, oldest first, as much as fits, and
a link below it leads to the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.messages import Message, Reply
from adapters.protocol import Adapter, Outgoing, Passive, piece_key
from bot.ledger import Pending, key_of

COLLECT = "zhida.collect"  # in Message.context: it only asks for an answer; the id in the tapped link, "" for words
_BETWEEN = "\n\n"
_LONGER = 64  # bytes by which the link of another message may be longer


@dataclass(frozen=True, slots=True)
class Given:
    """What is kept of a reply: its text as shown, its pieces, and the shelved pieces that the response carries.

    `state` is the message's in the ledger: answered, passive (a response carries the reply) or waiting. `showing`
    names that response; `left` are pieces that are shown again and did not fit.
    """

    reply: Reply
    state: str = "answered"
    pieces: tuple[Pending, ...] = ()
    carried: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    showing: str = ""


def give(adapter: Adapter, message: Message, reply: Reply, shelf: Sequence[Pending], link: str, *, held: bool) -> Given:
    """Decide for one reply. `held`: a request is open that can carry it; `link`: how to come for what does not fit."""
    passive = adapter.passive
    if passive is not None and not passive.push:
        pages = _pages(adapter, passive, message, reply, link)
        return _show(pages, message, reply, shelf, link, passive.room if held else 0)
    pieces = adapter.render(reply, message) if reply.text else ()
    if passive is not None and held and len(pieces) == 1:
        return Given(reply, "passive")
    return Given(reply, pieces=tuple(Pending.of(message, piece, "pending") for piece in pieces))


def _pages(adapter: Adapter, passive: Passive, message: Message, reply: Reply, link: str) -> list[Pending]:
    """The reply in pieces that a response holds with a link below."""
    texts = adapter.pages(reply, passive.room - _size(_BETWEEN + link) - _LONGER) if reply.text else ()
    pieces = (Outgoing(piece_key(message, number), message.user, {"text": text}) for number, text in enumerate(texts))
    return [Pending.of(message, piece, "waiting") for piece in pieces]


def _show(
    pages: Sequence[Pending], message: Message, reply: Reply, shelf: Sequence[Pending], link: str, room: int
) -> Given:
    """As much of the shelf and of the reply as a response of `room` bytes holds."""
    waiting = [*shelf, *pages]
    count = _fitting([shelved_text(piece) for piece in waiting], link, room)
    if not count:
        return Given(reply, "waiting" if pages else "answered", tuple(pages))
    text = _joined(*map(shelved_text, waiting[:count]), *([link] if count < len(waiting) else []))
    showing, here = showing_of(message), max(0, count - len(shelf))
    shown = (replace(page, state="shown", detail=showing) for page in pages[:here])
    return Given(
        replace(reply, text=text, citations=()),
        "passive",
        (*shown, *pages[here:]),
        tuple(piece.key for piece in shelf[:count]),
        tuple(piece.key for piece in shelf[count:]),
        showing,
    )


def _fitting(texts: Sequence[str], link: str, room: int) -> int:
    """How many of them, from the first, fit into one response; when not all do, with the link below."""
    if not texts or not room:
        return 0
    if _size(_joined(*texts)) <= room:
        return len(texts)
    fitting = [count for count in range(1, len(texts)) if _size(_joined(*texts[:count], link)) <= room]
    return max(fitting, default=1)


def asked_for(shelf: Sequence[Pending], message: Message) -> Sequence[Pending]:
    """What of the shelf a user who asks for it is shown: what waits, and what perhaps never arrived.

    A link that is tapped again: what the first tap was shown, and the rest of it. A link whose answer another response
    carried: that answer. Words, when nothing waits: what was shown last.
    """
    name = message.context[COLLECT]
    waiting = [piece for piece in shelf if piece.state == "waiting"]
    shown = [piece for piece in shelf if piece.state == "shown"]
    if again := [piece for piece in shown if piece.detail == showing_of(message)]:
        answers = {piece.message for piece in again}
        return [*(piece for piece in shown[shown.index(again[0]) :] if piece.message in answers), *waiting]
    if waiting or not shown:
        return waiting
    if name:
        return [piece for piece in shown if piece.message == key_of(replace(message, id=name))]
    return [piece for piece in shown if piece.detail == shown[-1].detail]


def showing_of(message: Message) -> str:
    """The name of the response to this message: the same for each tap of one link."""
    tapped = message.context.get(COLLECT)
    return f">{tapped}" if tapped else message.id


def shelved_text(piece: Pending) -> str:
    """The text of a piece that waits to be collected."""
    return str(piece.outgoing.payload["text"])


def _joined(*texts: str) -> str:
    return _BETWEEN.join(texts)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
