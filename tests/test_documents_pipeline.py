"""A question all the way: HTTP, pipeline, documents in Milvus Lite, DashScope's SDK, and back to whoever asked.

The DashScope is a stand-in on loopback that speaks its wire format; everything on our side is real.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiohttp import ClientSession, ClientTimeout

from bot import app
from bot.api import listen
from bot.app import Service, open_service, terminal_message
from bot.rag import opening
from bot.rag.store import Gathered
from bot.settings import Settings, load
from faq.embedding import Usem3Embedder, Vectors
from faq.text import fold
from tests.peers.dashscope import KEY, DashScope, serving
from tests.waiting import until

RETURNS = """\
# 退货政策

## 期限

自签收之日起7天内可以免费退货，运费由商家承担。定制商品不支持退货。

## 收货地址

退货请寄往杭州仓库，客服热线 400-820-8820。
"""
ASKED = "签收后几天内可以免费退货？"
ANSWER = "签收之日起7天内可以免费退货，运费由商家承担[1]。"
RULES = "category: secret\ntitle: 内部\nin: pass\nout: block\nwords: [内部价]\n"


@dataclass(frozen=True)
class Shop:
    """A running service, the model it asks, and where its documents lie."""

    service: Service
    peer: DashScope
    url: str
    folder: Path

    async def ask(self, text: str = ASKED, user: str = "u1") -> dict[str, object]:
        """The whole reply of /api/messages."""
        async with ClientSession() as session:
            asked = {"text": text, "user": user}
            async with session.post(f"{self.url}/api/messages", json=asked) as response:
                reply: dict[str, object] = await response.json()
                return reply

    async def watch(self, text: str = ASKED) -> tuple[list[str], dict[str, object]]:
        """The pieces that the chat page shows, and the whole reply."""
        async with (
            ClientSession() as session,
            session.post(f"{self.url}/chat/messages", json={"text": text}) as response,
        ):
            body = (await response.read()).decode()
        events = [json.loads(line.removeprefix("data: ")) for line in body.split("\n\n") if line]
        return [event["delta"] for event in events if "delta" in event], events[-1]["reply"]


def _settings(folder: Path, knowledge: Path, peer: DashScope, model: str) -> Settings:
    """Settings with one document and, unless empty, one model."""
    documents = knowledge / "documents"
    documents.mkdir(exist_ok=True)
    (documents / "退货.md").write_text(RETURNS, encoding="utf-8")
    base = knowledge / "orders.yaml"
    base.write_text(base.read_text(encoding="utf-8") + "documents: [documents/*]\n", encoding="utf-8")
    rules = folder / "rules"
    rules.mkdir()
    (rules / "secret.yaml").write_text(RULES, encoding="utf-8")
    file = folder / "zhida.toml"
    use = f'[model]\nuse = ["dashscope/{model}"]\ndashscope_address = "{peer.native}"\n' if model else ""
    is_faulty = model not in ("", "qwen-plus")  # a busy machine must not make a sound model late
    limits = "first_piece_seconds = 0.5\nbetween_pieces_seconds = 0.5\nwhole_seconds = 1.5\n" if is_faulty else ""
    content = f'[content]\nknowledge = "{knowledge}"\nrules = "{rules}"\n'
    file.write_text(f'data = "data"\n[server]\nport = 0\n{content}{use}{limits}', encoding="utf-8")
    key = "sk-wrong" if model == "wrong-key" else KEY
    return load(file, {"DASHSCOPE_API_KEY": key})


@pytest.fixture(autouse=True)
def read_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the documents in this process, which has the parsers in memory already, but for one test."""

    async def run_here(work: Callable[[], Gathered], _: type[Exception]) -> Gathered:
        return await asyncio.to_thread(work)

    if "operator" not in request.node.name:
        monkeypatch.setattr(opening, "run_apart", run_here)


@asynccontextmanager
async def shop(settings: Settings, knowledge: Path, answer: str = ANSWER, model: str = "") -> AsyncIterator[Shop]:
    """Serve with the documents read."""
    async with serving(DashScope(answer)) as peer:
        own = _settings(settings.data.parent, knowledge, peer, model)
        async with open_service(own) as service, listen(service, own) as url:
            await until(lambda: service.documents.state == "ready", 60)
            yield Shop(service, peer, url, knowledge / "documents")


async def test_without_a_model_the_document_is_quoted(settings: Settings, knowledge: Path) -> None:
    """With its place; a document that is deleted never answers again, one that is added soon does."""
    async with shop(settings, knowledge) as here:
        reply = await here.ask()
        assert reply["source"] == "documents"
        assert "7天内可以免费退货" in str(reply["text"])
        assert reply["citations"] == [{"document": "documents/退货.md", "section": "期限", "page": None, "url": ""}]

        (here.folder / "退货.md").unlink()
        assert (await here.ask(user="u2"))["source"] == "none"
        (here.folder / "退货新.md").write_text(RETURNS.replace("7天", "15天"), encoding="utf-8")
        async with asyncio.timeout(30):
            for number in itertools.count():
                if "15天" in str((await here.ask(user=f"v{number}"))["text"]):
                    break
                await asyncio.sleep(0.1)


async def test_a_model_answers_while_it_writes(settings: Settings, knowledge: Path) -> None:
    """The page gets pieces and the whole, /v1 the same pieces; the turn keeps what was found for it."""
    async with shop(settings, knowledge, model="qwen-plus") as here:
        pieces, reply = await here.watch()
        assert "".join(pieces) == reply["text"] == ANSWER
        assert len(pieces) > 3
        assert (reply["source"], reply["documents"]) == ("documents", ["[1] documents/退货.md › 期限"])

        deltas = await _completion(here.url)
        assert "".join(deltas) == ANSWER

        assert (await here.ask())["text"] == ANSWER
        (turn,) = await here.service.turns("api/local/u1", 10)
        best = turn.passages[0]
        assert (best["document"], best["cited"]) == ("documents/退货.md", 1)
        assert "7天内可以免费退货" in best["text"]


async def test_a_thousand_equal_questions_cost_one_call(settings: Settings, knowledge: Path) -> None:
    """A thousand users at once, through the whole service; whoever asks later gets what was kept."""
    async with shop(settings, knowledge, model="qwen-plus") as here:
        asked = [replace(terminal_message(ASKED, f"c{number}"), user=f"u{number}") for number in range(1000)]
        replies = await asyncio.gather(*map(here.service.receive, asked))
        assert {reply.text for reply in replies} == {ANSWER}
        assert sum(here.peer.calls.values()) == 1
        assert (await here.ask("请问签收后几天内可以免费退货呢"))["source"] == "cache"
        assert sum(here.peer.calls.values()) == 1


async def test_kept_answers_may_lie_in_milvus(settings: Settings, knowledge: Path) -> None:
    """A file that the settings name: what one run of the service keeps the next one gives, and the model rests."""
    async with serving(DashScope(ANSWER)) as peer:
        own = _settings(settings.data.parent, knowledge, peer, "qwen-plus")
        own = own.model_copy(update={"cache": own.cache.model_copy(update={"store": "answers.db"})})
        for user, source in (("u1", "documents"), ("u2", "cache")):
            async with open_service(own) as service:
                await until(lambda: service.documents.state == "ready", 60)
                assert (await service.receive(replace(terminal_message(ASKED, user), user=user))).source == source
        assert sum(peer.calls.values()) == 1


class Counting(Usem3Embedder):
    """Writes down what it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Give one unit row a text."""
        self.seen += texts
        return super().embed(texts)


async def test_a_question_is_embedded_once_for_all_steps(
    settings: Settings, knowledge: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The FAQ, the documents and the kept answers share what was read: a look-up embeds nothing."""
    counting = Counting()
    monkeypatch.setattr(app, "load_embedder", lambda _: counting)
    async with shop(settings, knowledge, model="qwen-plus") as here:
        assert (await here.ask())["source"] == "documents"
        counting.seen.clear()
        asked = "一般签收后几天内可以免费退货呢"
        assert (await here.ask(asked, user="u2"))["source"] == "cache"
        assert counting.seen.count(asked) == 1
        assert fold(ASKED) not in counting.seen


async def _completion(url: str) -> list[str]:
    asked = {"model": "zhida", "stream": True, "messages": [{"role": "user", "content": ASKED}]}
    async with ClientSession() as session, session.post(f"{url}/v1/chat/completions", json=asked) as response:
        lines = (await response.read()).decode().split("\n\n")
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines if line and not line.endswith("[DONE]")]
    assert chunks[-1]["zhida"]["citations"][0]["document"] == "documents/退货.md"
    said = [choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]]
    return [delta for delta in said if delta]


async def test_no_model_learns_a_users_number(settings: Settings, knowledge: Path) -> None:
    """A label goes to the model, the number comes back to the user; the shop's own number is no secret."""
    answer = "[PHONE_1]您好，7天内可以免费退货[1]，退货请寄往杭州仓库，客服热线400-820-8820[2]。"
    async with shop(settings, knowledge, answer, "qwen-plus") as here:
        pieces, reply = await here.watch("13812345678 几天内可以免费退货")
        sent = json.dumps(here.peer.bodies, ensure_ascii=False)
        assert "13812345678" not in sent
        assert "[PHONE_1]" in sent
        assert "400-820-8820" in sent
        assert "13812345678" in str(reply["text"]), reply
        assert "".join(pieces) == reply["text"]


async def test_a_forbidden_word_over_two_pieces_is_never_shown(settings: Settings, knowledge: Path) -> None:
    """The stand-in writes two characters at a time; the listed word has three."""
    async with shop(settings, knowledge, "7天内可以免费退货，退货按内部价退款[1]。", "qwen-plus") as here:
        pieces, reply = await here.watch()
        shown = "".join(pieces) + str(reply["text"])
        assert "内" not in shown.replace("7天内", "")
        assert reply["source"] == "blocked"
        assert pieces, "what came before it was shown"


@pytest.mark.parametrize("model", ["sick", "slow", "busy", "drop", "cut", "stall", "garbage", "html", "wrong-key"])
async def test_whatever_the_model_does_the_user_has_an_answer(model: str, settings: Settings, knowledge: Path) -> None:
    """Within the time limit, and the document's own words."""
    async with shop(settings, knowledge, model=model) as here:
        started = asyncio.get_running_loop().time()
        reply = await here.ask()
        assert asyncio.get_running_loop().time() - started < 5
        assert reply["source"] == "documents"
        assert str(reply["text"]).startswith("根据我们的资料")
        assert "7天内可以免费退货" in str(reply["text"])


async def test_a_reader_who_leaves_ends_the_call(settings: Settings, knowledge: Path) -> None:
    """The provider sees the connection close; the conversation goes on."""
    async with shop(settings, knowledge, model="endless") as here:
        here.peer.answer = "免费退货，"
        async with (
            ClientSession(timeout=ClientTimeout(total=10)) as session,
            session.post(f"{here.url}/chat/messages", json={"text": ASKED}) as response,
        ):
            await response.content.readany()
        await asyncio.wait_for(here.peer.left.wait(), 10)
        assert (await here.ask("怎么开发票？"))["source"] == "exact"


async def test_the_operator_sees_how_far_the_documents_are(settings: Settings, knowledge: Path) -> None:
    """State, passages, what was skipped and why, and which model words the answers."""
    (knowledge / "documents").mkdir()
    (knowledge / "documents" / "scan.pdf").write_bytes(b"%PDF-1.4 nothing")
    async with shop(settings, knowledge, model="qwen-plus") as here, ClientSession() as session:
        async with session.get(f"{here.url}/readyz") as response:
            state = (await response.json())["documents"]
        assert (state["state"], state["passages"], state["model"]) == ("ready", 2, "dashscope/qwen-plus")
        assert [name.partition(":")[0] for name in _texts(state["skipped"])] == ["documents/scan.pdf"]


def _texts(value: object) -> Sequence[str]:
    assert isinstance(value, list)
    return [str(one) for one in value]
