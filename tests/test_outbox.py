"""Replies go out in order and once; what fails is repeated only where that cannot show twice."""

import asyncio
import time
from pathlib import Path

import pytest

from adapters.messages import Reply, Source
from adapters.protocol import Delivery, Outcome, Outgoing
from bot.ledger import Pending
from tests.delivering import Peer, Scripted, message, run_core
from tests.waiting import until

RETRY = Delivery(Outcome.RETRY, "later")
UNKNOWN = Delivery(Outcome.UNKNOWN, "no answer")
FAILED = Delivery(Outcome.FAILED, "refused")


async def test_a_retry_holds_back_what_comes_after_it(tmp_path: Path) -> None:
    """The second reply waits until the first is out; other conversations do not."""
    peer = Peer(RETRY, RETRY)
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.inbox.accept(message("第一个问题？", "m1"))
        await until(lambda: peer.tries)
        await core.inbox.accept(message("第二个问题？", "m2"))
        await core.inbox.accept(message("别人的问题？", "m3", "u2"))
        await core.settle()
        assert await core.ledger.outcomes() == {"sent": 3}
    assert peer.texts() == ["re: 第一个问题？", "re: 第二个问题？"]
    assert len(peer.tries) == 5


@pytest.mark.parametrize(("repeatable", "state", "tries"), [(True, "sent", 2), (False, "unknown", 1)])
async def test_an_unknown_fate_is_repeated_only_where_it_cannot_show_twice(
    tmp_path: Path, repeatable: bool, state: str, tries: int
) -> None:
    """With an idempotency key the piece is sent again, without one it is left and told."""
    peer = Peer(UNKNOWN, repeatable=repeatable)
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.inbox.accept(message("问题是什么？", "m1"))
        await core.settle()
        assert await core.ledger.outcomes() == {state: 1}
        assert f'zhida_deliveries_total{{channel="shop",state="{state}"}} 1.0' in core.metrics.render().decode()
    assert len(peer.tries) == tries


async def test_a_refused_piece_does_not_stop_the_next(tmp_path: Path) -> None:
    """Failed for good: told, counted, and the conversation goes on."""
    peer = Peer(FAILED)
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.inbox.accept(message("第一个问题？", "m1"))
        await core.inbox.accept(message("第二个问题？", "m2"))
        await core.settle()
        assert await core.ledger.outcomes() == {"failed": 1, "sent": 1}
    assert peer.texts() == ["re: 第二个问题？"]


async def test_the_vendors_wait_is_kept(tmp_path: Path) -> None:
    """Retry-After is waited for."""
    peer = Peer(Delivery(Outcome.RETRY, "slow down", 0.4))
    async with run_core(tmp_path, Scripted(), peer) as core:
        began = time.monotonic()
        await core.inbox.accept(message("问题是什么？", "m1"))
        await core.settle()
    assert time.monotonic() - began >= 0.4


async def test_nothing_is_tried_while_the_channel_is_disconnected(tmp_path: Path) -> None:
    """Pending pieces wait for the connection and go out when it is back."""
    peer = Peer()
    peer.connected = False
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.inbox.accept(message("问题是什么？", "m1"))
        await until(lambda: core.inbox.waiting == 0)
        await asyncio.sleep(0.1)
        assert peer.tries == []
        peer.connected = True
        await core.settle()
    assert peer.texts() == ["re: 问题是什么？"]


async def test_after_a_crash_pending_goes_out_and_sending_is_unknown(tmp_path: Path) -> None:
    """A piece that was being sent without a key when the process died is not sent again."""
    reply = Reply("你好", Source.FAQ)
    asked = [message("问题是什么？", f"m{number}") for number in range(2)]
    async with run_core(tmp_path, Scripted()) as core:
        for number, (one, state) in enumerate(zip(asked, ("sending", "pending"), strict=True)):
            await core.ledger.store(one, deliver=True)
            piece = Pending(
                f"k{number}", one.thread, "peer", "shop", Outgoing(f"k{number}", "u1", {"text": state}), state
            )
            await core.ledger.answered([one], reply, [piece])
    peer = Peer(repeatable=False)
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.settle()
        assert await core.ledger.outcomes() == {"unknown": 1, "sent": 1}
    assert peer.texts() == ["pending"]


async def test_a_channel_that_is_gone_fails_its_pieces(tmp_path: Path) -> None:
    """Nobody configured can send it: failed, not pending for ever."""
    async with run_core(tmp_path, Scripted(), Peer(RETRY, RETRY, RETRY, RETRY)) as core:
        await core.inbox.accept(message("问题是什么？", "m1"))
        await until(lambda: core.inbox.waiting == 0)
    async with run_core(tmp_path, Scripted()) as core:
        await core.settle()
        assert await core.ledger.outcomes() == {"failed": 1}


class Broken(Peer):
    """An adapter with a bug."""

    async def send(self, outgoing: Outgoing) -> Delivery:
        """Raise on the first piece, work on the others."""
        if not self.tries:
            self.tries.append("bug")
            raise ZeroDivisionError("a bug")
        return await super().send(outgoing)


async def test_a_bug_in_an_adapter_costs_one_piece(tmp_path: Path) -> None:
    """It is logged with its trace; the conversation's next reply is sent."""
    peer = Broken(repeatable=False)
    async with run_core(tmp_path, Scripted(), peer) as core:
        await core.inbox.accept(message("第一个问题？", "m1"))
        await core.inbox.accept(message("第二个问题？", "m2"))
        await until(lambda: peer.sent)
    assert peer.texts() == ["re: 第二个问题？"]


async def test_the_health_of_a_channel_is_what_happened_on_it(tmp_path: Path) -> None:
    """Well before anything, in trouble while replies do not go out, with the vendor's word for it; then well again."""
    peer = Peer(RETRY, RETRY)
    async with run_core(tmp_path, Scripted(), peer) as core:
        health = core.outbox.health["shop"]
        core.metrics.watch_channel("shop", peer, health)
        assert (health.works(peer), health.shown(peer)["last_received"]) == (True, None)
        await core.inbox.accept(message("问题是什么？", "m1"))
        await until(lambda: peer.tries)
        shown = health.shown(peer)
        assert (shown["works"], shown["waiting"], shown["trouble"]) == (False, 1, "retry: later")
        assert 'zhida_channel_works{channel="shop"} 0.0' in core.metrics.render().decode()
        await core.settle()
        await until(lambda: health.waiting == 0)
        shown = health.shown(peer)
        assert (shown["works"], shown["trouble"]) == (True, "")
        assert shown["last_received"]
        assert shown["last_sent"]
        assert 'zhida_channel_works{channel="shop"} 1.0' in core.metrics.render().decode()
        peer.connected = False
        assert not health.works(peer)
