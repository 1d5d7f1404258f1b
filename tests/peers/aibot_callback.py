"""WeCom as an AI robot in webhook mode meets it: posts a message, then asks for the bubble until it is finished."""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from adapters.wxcrypto import decrypt, encrypt, sign

Json = dict[str, Any]


@dataclass
class RobotCallback:
    """`seen` are the texts that each bubble showed, one after the other; `vendor` is where late answers go."""

    url: str
    token: str
    key: str
    vendor: str
    session: aiohttp.ClientSession
    seen: dict[str, list[str]] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def say(self, text: str, response_url: str = "") -> str:
        """A user asks; the id of the bubble that opens."""
        body = {"msgid": f"m{next(self._numbers)}", "aibotid": "bot", "chattype": "single", "from": {"userid": "zhang"}}
        address = response_url or f"{self.vendor}/cgi-bin/aibot/response?response_code=C1"
        answer = await self.post({**body, "response_url": address, "msgtype": "text", "text": {"content": text}})
        name = str(answer["stream"]["id"])
        self._show(name, answer)
        return name

    async def ask_until_finished(self, name: str) -> None:
        """Ask for the bubble again and again."""
        while not await self.ask(name):  # noqa: ASYNC110 - as WeCom does
            await asyncio.sleep(0.02)

    async def ask(self, name: str) -> bool:
        """Ask for the bubble; whether it is finished."""
        answer = await self.post({"msgtype": "stream", "aibotid": "bot", "stream": {"id": name}})
        self._show(name, answer)
        return bool(answer["stream"]["finish"])

    def _show(self, name: str, answer: Json) -> None:
        texts = self.seen.setdefault(name, [])
        if (text := answer["stream"]["content"]) and text not in texts[-1:]:
            texts.append(text)

    async def post(self, body: Json) -> Json:
        """One callback, encrypted both ways; the answer's signature is checked as WeCom does."""
        stamp, nonce, sealed = str(int(time.time())), "n", encrypt(json.dumps(body), self.key, "")
        query = {"msg_signature": sign(self.token, stamp, nonce, sealed), "timestamp": stamp, "nonce": nonce}
        async with self.session.post(self.url, params=query, json={"encrypt": sealed}) as response:
            answer = await response.json()
        assert answer["msgsignature"] == sign(self.token, answer["timestamp"], answer["nonce"], answer["encrypt"])
        opened: Json = json.loads(decrypt(answer["encrypt"], [self.key], ""))
        return opened
