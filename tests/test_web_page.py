"""The chat page in a real browser, on the real service with the demo content.

Set ZHIDA_SCREENSHOTS to a folder to look at what the tests saw (docs/chat.png was taken so).
"""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Route, async_playwright, expect

from bot.answer_settings import ModelSettings
from bot.api import listen
from bot.app import open_service
from bot.settings import ServerSettings, Settings
from tests.peers.dashscope import KEY, DashScope, serving
from tests.scripted import ScriptedService
from tests.waiting import until

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
ASKED = "发票"  # several entries are about it
PICKED = "怎么开发票？"
WORDED = "没有电梯的，三楼及以下免费，从四楼起每层20元，每件封顶200元[1]。"


SLOW_TO_SETTLE = """
    const usual = setTimeout;
    window.setTimeout = (act, delay, ...rest) => usual(act, delay === 200 ? 1000 : delay, ...rest);
"""  # the page waits so long until deep-chat has drawn itself


# One service and one browser for all tests; every test is a visitor of its own.
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The real service with the demo content and a model's stand-in, remembering into a folder of the tests."""
    async with serving(DashScope(WORDED)) as peer:
        settings = Settings(
            data=tmp_path_factory.mktemp("data"),
            server=ServerSettings(port=0),
            model=ModelSettings(use=("dashscope/qwen-plus",), dashscope_address=peer.native, dashscope_key=KEY),
        )
        async with open_service(settings) as service, listen(service, settings) as address:
            await until(lambda: service.documents.state == "ready", 60)
            yield address


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    assert program, "Chromium is not installed: run `make system`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        await browser.close()


@dataclass
class Seen:
    """What a page should not do."""

    told: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note every warning and every address."""
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("request", self._note_request)

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.told.append(message.text)

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)


async def opened(context: BrowserContext, url: str) -> Page:
    """The page, ready to be typed into."""
    page = await context.new_page()
    await page.goto(url)
    await page.locator("#text-input").wait_for()
    return page


async def ask(page: Page, text: str) -> None:
    """Type a question and send it."""
    await page.locator("#text-input").fill(text)
    await page.keyboard.press("Enter")


async def photograph(page: Page, name: str) -> None:
    """Keep what the page looks like, for whoever asked to see it."""
    if folder := os.environ.get("ZHIDA_SCREENSHOTS"):
        await page.wait_for_timeout(300)
        await page.screenshot(path=Path(folder) / f"{name}.png")


async def test_a_tap_waits_for_the_answer_that_is_on_its_way(browser: Browser, url: str) -> None:
    """A question tapped while another is being answered is asked after it, not dropped."""

    async def linger(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    context = await browser.new_context(locale="zh-CN")
    page = await opened(context, url)
    await page.route("**/chat/messages", linger)
    await ask(page, "怎么退货")
    tapped = page.locator(".offer button").first
    await tapped.click()
    await expect(page.locator(".user-message")).to_have_text(["怎么退货", await tapped.inner_text()])
    await context.close()


@pytest.mark.parametrize(
    ("name", "width", "height"), [("desktop", 1180, 820), ("phone", 390, 844)], ids=["desktop", "phone"]
)
async def test_ask_pick_reload(browser: Browser, url: str, name: str, width: int, height: int) -> None:
    """A visitor asks, is asked back, taps a suggestion, gets the answer, reloads and still sees it all."""
    context = await browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
    seen = Seen()
    page = await context.new_page()
    seen.watch(page)
    await page.goto(url)
    await expect(page.locator(".ai-message").first).to_contain_text("请问有什么可以帮您")
    await expect(page.locator(".offer button").first).to_be_visible()

    await ask(page, ASKED)
    await expect(page.locator(".user-message").last).to_have_text(ASKED)
    await expect(page.locator(".offer")).to_have_count(2)  # the first offers what to begin with, this question too
    suggestion = page.locator(".offer").last.get_by_role("button", name=PICKED)
    await suggestion.click()
    await expect(page.locator(".user-message").last).to_have_text(PICKED)
    answer = page.locator(".ai-message.text-message").last
    await expect(answer).to_contain_text("发票中心")
    await expect(page.locator(".source").last).to_be_visible()
    useful = page.locator(".source").last.get_by_role("button", name="有用")
    async with page.expect_response("**/chat/feedback") as rated:
        await useful.click()
    assert (await rated.value).status == 204
    await expect(useful).to_have_attribute("aria-pressed", "true")
    await photograph(page, name)

    told = await answer.inner_text()
    await page.reload()
    await expect(page.locator(".user-message")).to_have_text([ASKED, PICKED])
    await expect(page.locator(".ai-message.text-message").last).to_have_text(told, use_inner_text=True)
    assert not seen.told, "nothing is blocked by the policy, nothing fails"
    assert all(address.startswith(url) for address in seen.asked), "the page needs no internet"
    await context.close()


async def test_an_answer_from_the_documents_names_them(browser: Browser, url: str) -> None:
    """The model's words, and below them what [1] stands for; both are there after a reload."""
    context = await browser.new_context(locale="zh-CN")
    page = await opened(context, url)
    await ask(page, "没有电梯的楼房搬楼费怎么收")
    for _ in range(2):
        await expect(page.locator(".ai-message.text-message").last).to_have_text(WORDED)
        await expect(page.locator(".source").last).to_contain_text("[1] documents/大件送装说明.md › 搬楼费")
        await photograph(page, "documents")
        await page.reload()
    await context.close()


async def test_the_page_speaks_the_visitors_language(browser: Browser, url: str) -> None:
    """An English browser is greeted in English and offered English questions."""
    context = await browser.new_context(locale="en-GB")
    page = await opened(context, url)
    await expect(page.locator("#text-input")).to_have_attribute("aria-label", "Type your question…")
    await expect(page.locator(".ai-message").first).to_contain_text("How can I help you?")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await photograph(page, "english")
    await context.close()


async def test_the_page_has_a_dark_dress(browser: Browser, url: str) -> None:
    """Someone whose system is dark gets a dark page with light words."""
    context = await browser.new_context(locale="zh-CN", color_scheme="dark")
    page = await opened(context, url)
    await ask(page, PICKED)
    await expect(page.locator(".source").last).to_be_visible()
    ink = await page.locator(".ai-message").first.evaluate("element => getComputedStyle(element).color")
    assert min(int(part) for part in ink.removeprefix("rgb(").removesuffix(")").split(",")) > 200
    await photograph(page, "dark")
    await context.close()


async def test_what_is_said_never_becomes_html(browser: Browser, url: str) -> None:
    """Markup that a visitor types stays text: no element, no script, not after a reload either."""
    context = await browser.new_context(locale="zh-CN")
    page = await opened(context, url)
    markup = "<img src=x onerror=\"document.title='owned'\"><button>点我</button> [a](javascript:alert(1))"
    await ask(page, markup)
    await expect(page.locator(".ai-message.text-message")).to_have_count(2)
    for _ in range(2):
        message = page.locator(".user-message").last
        await expect(message).to_contain_text("<img src=x")
        assert await message.locator("img, button, a[href^=javascript]").count() == 0
        assert await page.title() != "owned"
        await page.reload()
        await page.locator(".user-message").last.wait_for()
    await context.close()


async def test_screen_readers_hear_the_conversation(browser: Browser, url: str) -> None:
    """The list of messages is a log that tells what is new; field and button have names."""
    context = await browser.new_context(locale="zh-CN")
    page = await opened(context, url)
    await expect(page.get_by_role("log", name="对话")).to_be_visible()
    await expect(page.get_by_role("textbox", name="请输入您的问题")).to_be_visible()
    await expect(page.get_by_role("button", name="发送")).to_be_visible()
    await context.close()


async def test_a_flood_is_answered_politely(browser: Browser, settings: Settings) -> None:
    """Over the limit the visitor reads the phrase for it, not a code."""
    server = ServerSettings(port=0, requests_per_minute=1, burst=60)
    async with listen(ScriptedService(), settings.model_copy(update={"server": server})) as url:
        context = await browser.new_context(locale="zh-CN")
        page = await opened(context, url)
        await page.evaluate("Promise.all([...Array(100)].map(() => fetch('chat/session')))")
        await ask(page, "你好")
        await expect(page.locator(".error-message-text")).to_contain_text("您发得有点快")
        await photograph(page, "busy")
        await context.close()


async def test_a_service_that_is_away_is_told(browser: Browser, url: str) -> None:
    """Without a connection the visitor is told so, and can go on when it is back."""
    context = await browser.new_context(locale="zh-CN")
    page = await opened(context, url)
    await context.set_offline(True)
    await ask(page, "你好")
    await expect(page.locator(".error-message-text")).to_contain_text("连接不上")
    await context.set_offline(False)
    await ask(page, "你好")
    await expect(page.locator(".ai-message.text-message")).to_have_count(2)
    await context.close()


async def test_only_a_question_of_before_the_reload_is_asked_again(browser: Browser, settings: Settings) -> None:
    """What is asked while the page still draws itself is asked once: it is none that a reload broke off."""
    service = ScriptedService()
    async with listen(service, settings.model_copy(update={"server": ServerSettings(port=0)})) as url:
        context = await browser.new_context(locale="zh-CN")
        await context.add_init_script(SLOW_TO_SETTLE)
        page = await opened(context, url)
        await page.evaluate("sessionStorage.setItem('zhida-question', JSON.stringify({ id: 'a1', text: '你好' }))")
        await page.wait_for_timeout(1500)
        assert not service.received
        await page.reload()
        await expect(page.locator(".ai-message").last).to_contain_text("你说：你好")
        assert [message.text for message in service.received] == ["你好"]
        await context.close()


async def test_a_reload_within_an_answer_loses_nothing(browser: Browser, settings: Settings) -> None:
    """The question stands once, the answer is heard to its end, and the visitor can go on."""
    service = ScriptedService()
    service.deltas, service.delay = ("你说：",), 3.0
    server = ServerSettings(port=0)
    async with listen(service, settings.model_copy(update={"server": server})) as url:
        context = await browser.new_context(locale="zh-CN")
        page = await opened(context, url)
        await ask(page, "慢慢想的问题")
        await expect(page.locator(".ai-message.text-message").last).to_have_text("你说：", timeout=20_000)
        await page.reload()
        await expect(page.locator(".user-message")).to_have_text(["慢慢想的问题"], timeout=20_000)
        await expect(page.locator(".ai-message.text-message").last).to_have_text("你说：慢慢想的问题", timeout=20_000)
        assert len(service.received) == 1
        service.delay = 0.0
        await page.reload()
        await expect(page.locator(".user-message")).to_have_text(["慢慢想的问题"], timeout=20_000)
        await context.close()


BREAK = """() => {
  const real = window.fetch;
  let broken = false;
  window.fetch = async (...call) => {
    const response = await real(...call);
    if (broken || !String(call[0]).includes("chat/messages")) return response;
    broken = true;
    const first = await response.body.getReader().read();
    let pulled = 0;
    const pull = (control) => (pulled++ ? control.error(new TypeError("network")) : control.enqueue(first.value));
    return new Response(new ReadableStream({ pull }));
  };
}"""


async def test_a_connection_that_breaks_within_an_answer_is_made_again(browser: Browser, settings: Settings) -> None:
    """A phone that changes networks: the answer is there once, whole."""
    service = ScriptedService()
    service.deltas, service.delay = ("你说：",), 3.0
    server = ServerSettings(port=0)
    async with listen(service, settings.model_copy(update={"server": server})) as url:
        context = await browser.new_context(locale="zh-CN")
        page = await opened(context, url)
        await page.evaluate(BREAK)
        await ask(page, "慢慢想的问题")
        await expect(page.locator(".ai-message.text-message").last).to_have_text("你说：慢慢想的问题", timeout=20_000)
        await expect(page.locator(".ai-message.text-message")).to_have_count(2)
        assert len(service.received) == 1
        await context.close()
