"""The web as the settings say: which engine, for which knowledge bases, which addresses besides public ones."""

from bot.settings import Settings, SettingsError
from bot.web.fetching import Fetcher
from bot.web.looking import Web, WebPolicy
from bot.web.searching import DashScopeSearch, Search, SearXNG
from faq.embedding import Embedder


def open_web(settings: Settings, embedder: Embedder) -> Web:
    """Put the parts together. Raises SettingsError when a key is missing."""
    said = settings.web
    fetcher = Fetcher(said.allow, seconds=said.page_seconds, most=said.page_bytes)
    policy = WebPolicy(frozenset(said.knowledge_bases), said.pages, said.answer_from)
    return Web(_search(settings), fetcher, embedder, policy)


def _search(settings: Settings) -> Search:
    provider, _, model = (settings.web.search or "").partition("/")
    if provider != "dashscope":
        return SearXNG(settings.web.search or "", settings.web.search_seconds)
    key = settings.model.dashscope_key
    if key is None:
        raise SettingsError("web.search needs a key; set the environment variable DASHSCOPE_API_KEY")
    address = settings.model.dashscope_address
    return DashScopeSearch(model, key.get_secret_value(), address, settings.web.search_seconds)
