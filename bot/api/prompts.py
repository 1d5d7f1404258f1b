"""What an OpenAI client sends: the whole conversation, of which the last user message is the question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.api import body
from bot.api.errors import Refused

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request to /v1/chat/completions, checked."""

    text: str
    earlier: tuple[tuple[str, str], ...]  # (role, text) of what user and assistant said before
    characters: int  # of all messages
    user: str
    conversation: str
    stream: bool
    include_usage: bool


def parse(document: Mapping[str, object]) -> Prompt:
    """Refuses with 400 what has no question in it; fields that only a language model understands are skipped."""
    said = _messages(document.get("messages"))
    last = max((place for place, (role, _) in enumerate(said) if role == "user"), default=None)
    if last is None:
        raise Refused(400, "no_question", "messages has no message of role user")
    if document.get("n", 1) != 1:
        raise Refused(400, "unsupported_value", "n must be 1: there is one right answer")
    return Prompt(
        text=body.text_of(said[last][1], f"messages[{last}].content"),
        earlier=tuple((role, text) for role, text in said[:last] if role in ("user", "assistant")),
        characters=sum(len(text) for _, text in said),
        user=body.optional_id(document, "user"),
        conversation=body.optional_id(_mapping(document, "metadata"), "conversation"),
        stream=_flag(document, "stream"),
        include_usage=_flag(_mapping(document, "stream_options"), "include_usage"),
    )


def _messages(value: object) -> Sequence[tuple[str, str]]:
    if not isinstance(value, list) or not value:
        raise Refused(400, "wrong_type", "messages must be a list with at least one message")
    return [_message(f"messages[{place}]", message) for place, message in enumerate(value)]


def _message(name: str, message: object) -> tuple[str, str]:
    if not isinstance(message, dict):
        raise Refused(400, "wrong_type", f"{name} must be an object with role and content")
    role, content = message.get("role"), message.get("content")
    if not isinstance(role, str) or role not in _ROLES:
        raise Refused(400, "wrong_role", f"{name}.role must be one of {', '.join(sorted(_ROLES))}")
    if content is None and role == "assistant":  # a call of a tool says nothing
        return role, ""
    if isinstance(content, str):
        return role, content
    if isinstance(content, list):
        return role, "\n".join(_part(f"{name}.content[{place}]", part) for place, part in enumerate(content))
    raise Refused(400, "wrong_type", f"{name}.content must be a string or a list of text parts")


def _part(name: str, part: object) -> str:
    text = part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
    if not isinstance(text, str):
        raise Refused(
            400, "unsupported_content", f"{name} must be a part of type text; pictures and sound are not read"
        )
    return text


def _mapping(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = document.get(name) or {}
    if not isinstance(value, dict):
        raise Refused(400, "wrong_type", f"{name} must be an object")
    return value


def _flag(document: Mapping[str, object], name: str) -> bool:
    value = document.get(name) or False
    if not isinstance(value, bool):
        raise Refused(400, "wrong_type", f"{name} must be true or false")
    return value
