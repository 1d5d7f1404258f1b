"""Content changes while serving: the right one replaces the old at once, the wrong one replaces nothing."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from bot.app import terminal_message
from bot.history import MemoryHistory
from bot.pipeline import Pipeline
from bot.reload import Live
from bot.settings import Settings
from faq.asking import Asking
from faq.content import ContentError
from faq.embedding import Usem3Embedder, Vectors
from tests.waiting import until

TODAY = date(2026, 11, 22)


@pytest.fixture
async def live(settings: Settings, embedder: Usem3Embedder) -> AsyncIterator[Live]:
    """Knowledge that is being watched."""
    watched = Live(settings, embedder)
    watching = asyncio.create_task(watched.watch())
    await asyncio.sleep(0.3)  # until the watcher is set up
    yield watched
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching


def answer(live: Live, question: str) -> str | None:
    """What the bot would say now."""
    entry = live.current.matcher.exact(question, TODAY)
    return entry.answer if entry else None


async def test_an_edited_answer_is_given_without_a_restart(live: Live, knowledge: Path) -> None:
    """Staff save the file, the next customer hears the new answer; a removed entry answers no more."""
    file = knowledge / "orders.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("在订单详情页点「申请发票」。", "请联系财务。"), encoding="utf-8")
    await until(lambda: answer(live, "怎么开发票") == "请联系财务。")
    file.write_text(text[: text.index("  - id: invoice")], encoding="utf-8")
    await until(lambda: answer(live, "怎么开发票") is None)


async def test_a_new_file_is_a_new_knowledge_base(live: Live, knowledge: Path) -> None:
    """A file put into the folder is loaded, one taken away is forgotten; other files are not looked at."""
    new = knowledge / "extra.yaml"
    new.write_text(
        "knowledge_base: extra\ntitle: 其它\nentries:\n  - {id: a, question: 几点开门？, answer: 九点。}\n",
        encoding="utf-8",
    )
    await until(lambda: answer(live, "几点开门") == "九点。")
    (knowledge / "notes.txt.swp").write_text("not: [yaml", encoding="utf-8")
    new.unlink()
    await until(lambda: answer(live, "几点开门") is None)
    assert live.problems == ()


async def test_a_wrong_file_changes_nothing_and_is_told(live: Live, knowledge: Path) -> None:
    """The old content keeps serving, the problem names file and line, and goes away when the file is mended."""
    file = knowledge / "orders.yaml"
    text = file.read_text(encoding="utf-8")
    before = live.current
    file.write_text(text.replace("id: invoice", "idd: invoice"), encoding="utf-8")
    await until(lambda: live.problems)
    assert live.current is before
    assert "orders.yaml:" in live.problems[0]
    file.write_text(text, encoding="utf-8")
    await until(lambda: not live.problems)


async def test_unchanged_content_is_not_learnt_again(live: Live) -> None:
    """A change of rules or phrases alone keeps the matcher."""
    before = live.current
    await live.reload()
    assert live.current is not before
    assert live.current.matcher is before.matcher


async def test_a_wrong_start_is_refused(settings: Settings, embedder: Usem3Embedder, knowledge: Path) -> None:
    """Without a first right content there is nothing to serve."""
    (knowledge / "bad.yaml").write_text("knowledge_base: [", encoding="utf-8")
    with pytest.raises(ContentError, match=r"bad\.yaml:"):
        Live(settings, embedder)


class CountingEmbedder:
    """The real embedder, and how many texts it was given at a time."""

    def __init__(self, embedder: Usem3Embedder) -> None:
        self.id, self.dim, self._embedder = embedder.id, embedder.dim, embedder
        self.sizes: list[int] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        if texts:
            self.sizes.append(len(texts))
        return self._embedder.embed(texts)


async def test_messages_under_way_together_are_embedded_together(settings: Settings, embedder: Usem3Embedder) -> None:
    """Three that ask at the same time cost one pass of the model, and nothing is embedded twice."""
    counting = CountingEmbedder(embedder)
    live = Live(settings, counting)
    counting.sizes.clear()
    now = live.current
    asking = {text: Asking(now.matcher, now.router, TODAY) for text in ("发票多久能开", "包裹到哪了", "怎么退货呀")}
    await asyncio.gather(*(live.foresee(one, [text]) for text, one in asking.items()))
    await live.foresee(Asking(now.matcher, now.router, TODAY), ["包裹到哪了"])
    for text, one in asking.items():
        together, alone = one.match(text), Asking(now.matcher, now.router, TODAY).match(text)
        assert together.matches[0].entry == alone.matches[0].entry
        assert together.score == pytest.approx(alone.score, abs=1e-4)
    assert counting.sizes == [3]


async def test_a_message_is_embedded_once_with_its_parts(settings: Settings, embedder: Usem3Embedder) -> None:
    """Whole and pieces go to the model in one pass, whatever the steps then match."""
    counting = CountingEmbedder(embedder)
    live = Live(settings, counting)
    counting.sizes.clear()
    asked = terminal_message("我买的包裹现在到哪里了？开一张发票要多久才能收到？", "u1")
    await Pipeline(live, MemoryHistory(), settings).reply(asked)
    assert counting.sizes == [3]
