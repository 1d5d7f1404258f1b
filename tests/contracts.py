"""What every implementation of a protocol must keep. A test file subclasses these and says how to make one."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.messages import Message, Reply, Source
from adapters.protocol import Adapter, BadPayload, BadSignature, Outcome, Parsed, Request
from tests.peers.vendor import Vendor

NOW = 1_763_800_000.0
PAYLOADS = Path(__file__).parent / "payloads"

_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=12,
)
_texts = st.text(st.characters(codec=None), max_size=3000)


class AdapterContract:
    """Every chat platform. Subclasses give `platform`, `limit` and `measure`, and `make`."""

    platform: str
    limit: int = 1_000_000
    most: int = 1_000
    context: dict[str, str] = {}  # noqa: RUF012 - a constant of the subclass

    def make(self, url: str = "http://127.0.0.1:1") -> Adapter:
        """An adapter whose vendor is at the address."""
        raise NotImplementedError

    def measure(self, text: str) -> int:
        """Length in the platform's unit."""
        return len(text.encode())

    def texts(self, adapter: Adapter, reply: str) -> list[str]:
        """What the user gets to read of a reply."""
        pieces = adapter.render(Reply(reply, Source.FAQ), self.message())
        return [next(self._strings(piece.payload, "content")) for piece in pieces]

    def message(self, **others: Any) -> Message:
        """A message of this platform."""
        values: dict[str, Any] = {"received": datetime.fromtimestamp(NOW, UTC), "context": self.context, **others}
        return Message(self.platform, "shop", "u1", "u1", "m1", "你好", **values)

    def _strings(self, value: object, key: str) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name == key and isinstance(inner, str):
                    yield inner
                else:
                    yield from self._strings(inner, key)

    async def test_a_reply_is_split_by_the_platforms_unit(self) -> None:
        """No piece is over the limit, no more pieces than the quota, and within it not a word is lost."""
        adapter = self.make()
        words = [f"第{number}句话，说明一件事情。" for number in range(min(self.most * self.limit, 12_000) // 60)]
        pieces = self.texts(adapter, "".join(words))
        assert all(self.measure(piece) <= self.limit for piece in pieces)
        assert len(pieces) <= self.most
        assert "".join(pieces) == "".join(words)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(text=_texts)
    def test_any_text_can_be_rendered(self, text: str) -> None:
        """Whatever a model says, the pieces fit and can be stored and sent."""
        adapter = self.make()
        pieces = adapter.render(Reply(text, Source.DOCUMENTS), self.message())
        for piece in pieces:
            json.dumps(piece.payload)
        assert all(self.measure(piece) <= self.limit for piece in self.texts(adapter, text))

    async def test_pieces_have_keys_of_their_own_that_never_change(self) -> None:
        """A repeat of the same piece is known by its key; another message's pieces have others."""
        adapter = self.make()
        reply = Reply("长长的回答。" * 800, Source.FAQ)
        keys = [piece.key for piece in adapter.render(reply, self.message())]
        assert keys == [piece.key for piece in adapter.render(reply, self.message())]
        other = Message(self.platform, "shop", "u1", "u1", "m2", "", datetime.now(UTC), context=self.context)
        assert len({*keys, *(piece.key for piece in adapter.render(reply, other))}) == 2 * len(keys)
        assert all(len(key) <= 32 and key.isalnum() for key in keys)

    async def test_a_platform_that_is_away_is_a_retry(self) -> None:
        """Nobody listens at the vendor's address: certainly not delivered."""
        adapter = self.make()
        (piece, *_) = adapter.render(Reply("你好", Source.FAQ), self.message())
        assert (await adapter.send(piece)).outcome is Outcome.RETRY
        assert await adapter.check() != () or adapter.connected
        await adapter.close()


class CallbackContract(AdapterContract):
    """A platform that calls us. Subclasses give `seal`: a body as the vendor would send it, signed."""

    has_clock = True

    def seal(self, body: str, now: float = NOW) -> Request:
        """The request the vendor makes of a body (before encryption)."""
        raise NotImplementedError

    def forge(self, request: Request) -> Request:
        """The same request by somebody without the secret."""
        raise NotImplementedError

    def recorded(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every recorded payload with what it must become."""
        for file in sorted((PAYLOADS / self.platform).glob("*.json")):
            yield file.stem, json.loads(file.read_text(encoding="utf-8"))

    async def test_recorded_payloads_become_messages(self) -> None:
        """Each file of tests/payloads says which messages, and what else, a body holds."""
        adapter = self.make()
        names = []
        for name, recorded in self.recorded():
            parsed = adapter.parse(self.seal(recorded["body"]))
            found = [
                {field: getattr(m, field) for field in want}
                for m, want in zip(parsed.messages, recorded["messages"], strict=False)
            ]
            assert found == recorded["messages"], name
            assert len(parsed.messages) == len(recorded["messages"]), name
            assert (parsed.wake, parsed.fetch) == (recorded.get("wake", ""), recorded.get("fetch", "")), name
            assert parsed.response.status == recorded.get("status", 200), name
            for message in parsed.messages:
                assert (message.platform, message.account) == (self.platform, "shop")
                assert message.received.tzinfo is not None
            names.append(name)
        assert len(names) >= 2

    async def test_who_has_not_the_secret_is_refused(self) -> None:
        """A forged request raises before anything is read from its body."""
        for _, recorded in self.recorded():
            with pytest.raises(BadSignature):
                self.make().parse(self.forge(self.seal(recorded["body"])))

    async def test_an_old_request_is_refused(self) -> None:
        """A replay after hours is no message, nor is one from the future."""
        if not self.has_clock:
            return
        for then in (NOW - 7200, NOW + 7200):
            request = self.seal(next(self.recorded())[1]["body"], then)
            with pytest.raises(BadSignature):
                self.make().parse(Request(request.method, request.query, request.headers, request.body, NOW))

    async def test_a_replayed_request_is_the_same_message(self) -> None:
        """Bytes, signature and nonce once more have the same ids, by which the ledger knows them."""
        for _, recorded in self.recorded():
            request = self.seal(recorded["body"])
            first, again = (self.make().parse(request).messages for _ in range(2))
            assert [one.id for one in first] == [one.id for one in again]

    async def test_hostile_bodies_are_bad_payloads(self) -> None:
        """Entity expansion, depth 10,000, other types, ids without end: refused or empty, never another exception."""
        bombs = [
            '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><FromUserName>&b;</FromUserName></xml>',
            "[" * 10_000 + "]" * 10_000,
            '{"a":' * 10_000 + "1" + "}" * 10_000,
            "",
            "null",
            "[]",
            "<xml/>",
            '{"user": "' + "u" * 100_000 + '", "text": ""}',
            "\x00\ufffe",
        ]
        for bomb in bombs:
            with suppress(BadPayload):
                assert self.make().parse(self.seal(bomb)).messages == ()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(data=st.data())
    def test_any_field_may_be_anything(self, data: st.DataObject) -> None:
        """Recorded payloads with fields replaced, removed or added are read or refused, nothing else."""
        _, recorded = data.draw(st.sampled_from(list(self.recorded())))
        try:
            parsed = self.make().parse(self.seal(self.damage(recorded["body"], data)))
        except BadPayload:
            return
        assert isinstance(parsed, Parsed)
        assert all(isinstance(message.text, str) and message.id for message in parsed.messages)

    def damage(self, body: str, data: st.DataObject) -> str:
        """The body with one thing wrong."""
        if body.startswith("<"):
            at = data.draw(st.integers(0, len(body)))
            cut = data.draw(st.integers(0, 40))
            return body[:at] + data.draw(st.text(max_size=5)) + body[at + cut :]
        values = json.loads(body)
        name = data.draw(st.sampled_from([*values, "extra"]))
        values[name] = data.draw(_anything)
        return json.dumps(values)


class SendContract(AdapterContract):
    """A platform whose replies go out by HTTP. Subclasses give `vendor` and `path`."""

    path: str

    def vendor(self) -> AbstractAsyncContextManager[Vendor]:
        """The vendor's API, which gives a token and takes messages."""
        raise NotImplementedError

    @pytest.fixture
    async def peer(self) -> AsyncIterator[Vendor]:
        """The vendor, running."""
        async with self.vendor() as vendor:
            vendor.faulty = self.path
            yield vendor

    @pytest.fixture
    async def adapter(self, peer: Vendor) -> AsyncIterator[Adapter]:
        """An adapter before it."""
        adapter = self.make(peer.url)
        yield adapter
        await adapter.close()

    async def test_a_sent_piece_arrives_as_raw_utf8(self, peer: Vendor, adapter: Adapter) -> None:
        """Chinese goes out unescaped: WeChat would show \\u4f60 to the user."""
        (piece,) = adapter.render(Reply('你好 <b> & ]]> "引号"', Source.FAQ), self.message())
        assert (await adapter.send(piece)).outcome is Outcome.SENT
        sent = [call for call in peer.calls if call.path == self.path]
        assert len(sent) == 1
        assert "你好".encode() in sent[0].raw

    @pytest.mark.parametrize(
        ("fault", "outcome"),
        [
            (500, Outcome.UNKNOWN),
            (None, Outcome.UNKNOWN),
            (429, Outcome.RETRY),
            (503, Outcome.RETRY),
            (404, Outcome.FAILED),
        ],
    )
    async def test_each_fault_has_its_outcome(
        self, peer: Vendor, adapter: Adapter, fault: int | None, outcome: Outcome
    ) -> None:
        """Broken off or 500: perhaps delivered. Throttled: later, when the vendor says. Refused: never."""
        peer.faults.append(fault)
        (piece,) = adapter.render(Reply("你好", Source.FAQ), self.message())
        delivery = await adapter.send(piece)
        assert delivery.outcome is outcome
        assert delivery.retry_after == (3.0 if outcome is Outcome.RETRY else 0.0)
        assert (await adapter.send(piece)).outcome is Outcome.SENT

    async def test_many_senders_fetch_one_token(self, peer: Vendor, adapter: Adapter) -> None:
        """Twenty sends at once ask for a token once."""
        (piece,) = adapter.render(Reply("你好", Source.FAQ), self.message())
        for _ in range(20):
            assert (await adapter.send(piece)).outcome is Outcome.SENT
        assert all(count == 1 for path, count in peer.counts.items() if "token" in path)

    async def test_a_working_account_has_no_problems(self, peer: Vendor, adapter: Adapter) -> None:
        """`doctor` says nothing where nothing is wrong."""
        assert await adapter.check() == ()
