"""Calls of functions as both providers write them: what is offered, and the parts of a call put together again."""

from collections.abc import Iterator, Sequence

from bot.llm.model import Call, Function, Prompt, Trouble, UpstreamError

_MOST = 8  # calls of one answer
_LONGEST = 8000  # characters of their arguments together


class Deltas:
    """The calls of one answer, which come in parts: the name once, the arguments a few characters at a time."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._ids: dict[int, str] = {}
        self._names: dict[int, str] = {}
        self._arguments: dict[int, str] = {}

    def feed(self, index: int, id: str | None, name: str | None, arguments: str | None) -> None:
        """Take one part. Raises UpstreamError when there is no end to them."""
        if id:
            self._ids.setdefault(index, id)
        if name:
            self._names.setdefault(index, name)
        self._arguments[index] = self._arguments.get(index, "") + (arguments or "")
        if len(self._arguments) > _MOST or sum(map(len, self._arguments.values())) > _LONGEST:
            raise UpstreamError(self._provider, Trouble.SICK, "calls without end")

    def calls(self, functions: Sequence[Function]) -> Iterator[Call]:
        """The whole calls in their order; what was not offered is left out."""
        offered = {function.name for function in functions}
        for index, arguments in sorted(self._arguments.items()):
            name = self._names.get(index, "")
            if name in offered:
                yield Call(self._ids.get(index, f"call_{index}"), name, arguments or "{}")


def declared(functions: Sequence[Function]) -> list[dict[str, object]]:
    """What may be called, as it goes over the wire."""
    return [
        {
            "type": "function",
            "function": {"name": one.name, "description": one.description, "parameters": one.parameters},
        }
        for one in functions
    ]


def message(prompt: Prompt) -> dict[str, object]:
    """One prompt as it goes over the wire."""
    said: dict[str, object] = {"role": prompt.role, "content": prompt.content}
    if prompt.calls:
        said["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in prompt.calls
        ]
    if prompt.role == "tool":
        said["tool_call_id"] = prompt.answers
    return said
