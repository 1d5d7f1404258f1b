"""The systems as the settings allow them, and what is wrong with a tool that they do not allow."""

from collections.abc import Iterator

from yarl import URL

from bot.answer_settings import ToolSettings
from bot.tools.http import Systems, Tell
from bot.tools.requests import secret_names
from bot.web.client import Client
from faq.content import Content, Problem, Tool
from faq.text import normalise


def open_systems(settings: ToolSettings, tell: Tell) -> Systems:
    return Systems(Client(settings.hosts, settings.bytes), _secrets(settings), settings.seconds, tell)


def faults(content: Content, settings: ToolSettings) -> Iterator[Problem]:
    """Hosts that the operator does not allow; as warnings, secrets that are not set (such a tool is not offered), and
    examples that the FAQ answers.
    """
    for tool in content.tools:
        if wrong := _wrong_host(tool, settings):
            yield Problem(tool.place, f"tool {tool.id}: {wrong}")
        for name in sorted(secret_names(tool)):
            if not name.startswith("ZHIDA_TOOL_"):
                yield Problem(tool.place, f"tool {tool.id}: ${{{name}}} must begin with ZHIDA_TOOL_; rename it")
            elif name not in settings.secrets:
                text = f"the environment variable {name} is not set, the tool is not offered"
                yield Problem(tool.place, f"tool {tool.id}: {text}", warning=True)
    yield from _answered_first(content)


def _answered_first(content: Content) -> Iterator[Problem]:
    """Examples of tools that the FAQ answers word for word, before any tool is asked."""
    examples = [(tool, example) for tool in content.tools for example in tool.examples]
    if not examples:
        return  # most contents: no phrasing need be read
    written = {normalise(text): entry for entry in content.entries for text in entry.phrasings}
    for tool, example in examples:
        if entry := written.get(normalise(example)):
            text = f"the example {example!r} is a question of the entry {entry.id}, which answers first"
            yield Problem(tool.place, f"tool {tool.id}: {text}; delete one of them", warning=True)


def _wrong_host(tool: Tool, settings: ToolSettings) -> str:
    url = URL(tool.url.replace("{", "").replace("}", ""))
    pair = f"{url.host}:{url.port}"
    if pair in settings.hosts or (url.host in settings.hosts and url.scheme == "https"):
        return ""
    if url.host in settings.hosts:
        return f"http is read by whoever is in between; write https, or allow {pair} in tools.hosts of the settings"
    return f"the host {url.host} is not allowed; add it to tools.hosts in the settings"


def _secrets(settings: ToolSettings) -> dict[str, str]:
    return {name: secret.get_secret_value() for name, secret in settings.secrets.items()}
