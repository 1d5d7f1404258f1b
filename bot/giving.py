"""Keeps each reply with what must go out for it, in one commit, and takes back what a response did not bring.

Decides by bot/collecting.py; sending is the outbox's.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from adapters.messages import Message, Reply
from adapters.protocol import Adapter
from bot.bursts import join
from bot.collecting import COLLECT, Given, asked_for, give, showing_of
from bot.ledger import Ledger, Pending
from bot.lines import Line
from bot.outbox import Outbox
from bot.phrases import Phrases
from bot.tickets import Ticket


class Giver:
    """Every method may raise DatabaseUnavailable."""

    def __init__(self, ledger: Ledger, outbox: Outbox, phrases: Callable[[], Phrases]) -> None:
        self._ledger, self._outbox, self._phrases = ledger, outbox, phrases

    async def give(self, line: Line, reply: Reply) -> Given:
        """Keep the reply to the line's batch and send what is to be sent."""
        last = line.batch[-1]
        message = join([ticket.message for ticket in line.batch])
        adapter = self._outbox.adapter_of(message) if last.deliver else None
        events = self._outbox.events(message, reply)
        if adapter is None:
            given = Given(reply)
        else:
            given = await self._place(adapter, line, message, replace(reply, text="") if reply.silent else reply)
        moved = [(key, "shown", given.showing) for key in given.carried] + [(key, "waiting", "") for key in given.left]
        pieces = [*given.pieces, *events]
        await self._ledger.answered([one.message for one in line.batch], given.reply, pieces, given.state, moved)
        self._outbox.put(piece for piece in pieces if piece.state == "pending")
        return given

    async def take_back(self, ticket: Ticket, reply: Reply) -> None:
        """The request that was to carry the reply had gone: push it, or keep it until the user comes for it."""
        message, adapter = ticket.message, self._outbox.adapter_of(ticket.message)
        if adapter is None or adapter.passive is None:
            return
        if adapter.passive.push:
            pieces = give(adapter, message, reply, (), "", held=False).pieces
            await self._ledger.answered([message], reply, pieces)
            self._outbox.put(pieces)
            return
        shelf = await self._ledger.shelf(message.thread, shown=True)
        await self._ledger.take_back(message, [piece for piece in shelf if piece.detail == showing_of(message)])

    async def _place(self, adapter: Adapter, line: Line, message: Message, reply: Reply) -> Given:
        """Where the reply goes; when it is into a response, the ticket is told before anything else can happen."""
        if adapter.passive is None:
            return give(adapter, message, reply, (), "", held=False)
        last = line.batch[-1]
        shelf = () if adapter.passive.push else await self._shelf(line, message)
        phrases = self._phrases()
        link = adapter.collect_link(message, phrases.say("collect", phrases.language_of(message.text)))
        given = give(adapter, message, reply, shelf, link, held=last.holds > 0)
        last.given = given.state == "passive"
        if last.given:
            line.show()
        return given

    async def _shelf(self, line: Line, message: Message) -> Sequence[Pending]:
        """What the response takes along. Who asked before the last response came does not ask for it once more."""
        if COLLECT in message.context and line.batch[-1].arrived > line.shown:
            return asked_for(await self._ledger.shelf(message.thread, shown=True), message)
        return await self._ledger.shelf(message.thread)
