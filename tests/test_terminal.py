"""`ask` and `chat` answer as the service does: kept answers, costs, the web and the company's systems."""

import asyncio
import io
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.settings import Settings
from tests.peers.company import Company, company
from tests.peers.dashscope import KEY, DashScope, serving
from tests.peers.web import SmallWeb, small_web
from tests.test_tools import ANSWER, ASKED, NUMBER, TOOLS

OPENING = "云杉商城杭州门店几点开门"
FOUND = "杭州门店的营业时间是每天上午9点到晚上10点[1]。"
SEARCH = [("search_web", '{"query": "杭州门店 营业时间"}')]
RULES = "category: secret\ntitle: 内部\nin: pass\nout: block\nwords: [晚上10点]\n"
ORDER = [("order-status", f'{{"number": "{NUMBER}"}}')]


@dataclass(frozen=True)
class Outside:
    """Everything that a terminal may reach, and the settings that name it."""

    model: DashScope
    company: Company
    web: SmallWeb
    settings: Path

    async def run(self, *arguments: str) -> int:
        """One command, in a thread because it has a loop of its own."""
        return await asyncio.to_thread(main, [*arguments, "--settings", str(self.settings)])


@pytest.fixture
async def outside(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Outside]:
    """A model, a company's system and a small web on loopback, and a shop that may use them."""
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    monkeypatch.setenv("ZHIDA_TOOL_KEY", "s3cret")
    async with serving(DashScope()) as model, company() as system, small_web() as web:
        base = settings.content.knowledge / "orders.yaml"
        tools = TOOLS.replace("https://api.example.com", system.address)
        base.write_text(base.read_text(encoding="utf-8") + tools, encoding="utf-8")
        file = settings.data.parent / "zhida.toml"
        more = {
            "model": f'use = ["dashscope/qwen-plus"]\ndashscope_address = "{model.native}"',
            "tools": f'hosts = ["{system.host}"]',
            "web": f'search = "{web.address}"\nknowledge_bases = ["*"]\nallow = ["{web.host}"]',
        }
        text = "".join(f"\n[{name}]\n{said}\n" for name, said in more.items())
        file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
        yield Outside(model, system, web, file)


async def test_ask_uses_a_tool_and_counts_it(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    """The reply is the one that the service would give; the call is in the ledger of the service."""
    outside.model.script = [ORDER]
    assert await outside.run("ask", ASKED, "--json") == 0
    reply = json.loads(capsys.readouterr().out)
    assert (reply["text"], reply["source"], reply["entry"]) == (ANSWER, "tool", "order-status")
    assert [asked["key"] for asked in outside.company.asked] == ["s3cret"]
    with closing(sqlite3.connect(outside.settings.parent / "data/zhida.db")) as database:
        spent = database.execute("SELECT model, channel, calls FROM costs ORDER BY model").fetchall()
    assert spent == [("dashscope/qwen-plus", "terminal", 1), ("tool/order-status", "terminal", 1)]


async def test_ask_looks_into_the_web_once(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    """With the address and the date; the second time the answer is a kept one and nobody is asked."""
    outside.model.script = [SEARCH, FOUND]
    for source in ("documents", "cache"):
        assert await outside.run("ask", OPENING, "--json") == 0
        reply = json.loads(capsys.readouterr().out)
        assert (reply["text"], reply["source"]) == (FOUND, source)
        assert [(one["url"], one["section"]) for one in reply["citations"]] == [
            (outside.web.url("/good"), "2026-04-02")
        ]
    assert sum(outside.model.calls.values()) == 2
    assert outside.web.asked["/good"] == 1


async def test_what_the_web_says_is_screened(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    """Fresh and kept alike: a word that the rules forbid is not said."""
    rules = outside.settings.parent / "rules"
    rules.mkdir()
    (rules / "secret.yaml").write_text(RULES, encoding="utf-8")
    text = outside.settings.read_text(encoding="utf-8").replace("[content]\n", f'[content]\nrules = "{rules}"\n')
    outside.settings.write_text(text, encoding="utf-8")
    outside.model.script = [SEARCH, FOUND]
    for _ in range(2):
        assert await outside.run("ask", OPENING, "--json") == 0
        reply = json.loads(capsys.readouterr().out)
        assert reply["source"] == "blocked"
        assert "晚上" not in reply["text"]
    assert sum(outside.model.calls.values()) == 2


async def test_chat_uses_both(
    outside: Outside, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one conversation."""
    outside.model.script = [ORDER, SEARCH, FOUND]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{ASKED}\n{OPENING}\n"))
    assert await outside.run("chat", "--why") == 0
    said = capsys.readouterr().out
    assert ANSWER in said
    assert FOUND in said
    assert "[tool orders/order-status 1.00]" in said


async def test_a_spent_budget_holds_in_the_terminal_too(outside: Outside, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither model nor system nor web is asked."""
    with outside.settings.open("a", encoding="utf-8") as file:
        file.write("[costs]\nall_per_day = 0\n")
    for question in (ASKED, OPENING):
        assert await outside.run("ask", question, "--json") == 0
        assert json.loads(capsys.readouterr().out)["source"] not in ("tool", "documents")
    assert (outside.company.asked, sum(outside.model.calls.values())) == ([], 0)
    assert not outside.web.asked
