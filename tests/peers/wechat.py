"""WeChat's server as an official account meets it: posts a message, waits 5 s, posts it again, at most three times.

The user sees the first answer that comes in time, and what is pushed. `second` scales all times for tests.
"""

import asyncio
import itertools
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field

import aiohttp

from adapters.wxcrypto import sign
from adapters.xml import write_xml
from tests.peers.vendor import Call, Json

_CONTENT = re.compile(r"<Content><!\[CDATA\[(.*?)\]\]></Content>", re.DOTALL)
_LINK = re.compile(r'<a href="weixin://bizmsgmenu\?msgmenucontent=(?P<words>[^&]+)&msgmenuid=(?P<id>[^"]+)">')


@dataclass
class WeChat:
    """`seen` is what each user reads, in order; what answers the deliveries `deaf` (1 to 3) of a message is lost."""

    url: str
    token: str
    session: aiohttp.ClientSession
    second: float = 1.0
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    deliveries: int = 0
    deaf: set[int] = field(default_factory=set)
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(10**15))

    async def say(self, user: str, text: str, menu: str = "") -> str | None:
        """A user sends a text; returns the passive answer they see, or None when the account stays silent."""
        fields = {"ToUserName": "gh_1", "FromUserName": user, "CreateTime": str(int(time.time())), "MsgType": "text"}
        fields |= {"Content": text, "MsgId": str(next(self._ids))} | ({"bizmsgmenuid": menu} if menu else {})
        for number in range(1, 4):
            answer = await self._deliver(write_xml(fields))
            if answer is not None and number not in self.deaf:
                if answer != "":
                    self.seen[user].append(answer)
                return answer or None
        return None

    async def say_until_answered(self, user: str, text: str) -> list[str]:
        """Say it, then tap the link for as long as the answer is one."""
        answers = [await self.say(user, text) or ""]
        while link := self.link_in(answers[-1]):
            await asyncio.sleep(2.0 * self.second)
            answers.append(await self.say(user, link[1], link[0]) or "")
        return answers

    def link_in(self, answer: str) -> tuple[str, ...]:
        """The id and the words of the link that an answer ends in; nothing when it has none."""
        found = _LINK.search(answer)
        return (found["id"], found["words"]) if found else ()

    async def _deliver(self, xml: str) -> str | None:
        """One delivery: the text answered, "" for `success`, None when it was not answered in time."""
        self.deliveries += 1
        stamp, nonce = str(int(time.time())), "n"
        query = {"timestamp": stamp, "nonce": nonce, "signature": sign(self.token, stamp, nonce)}
        timeout = aiohttp.ClientTimeout(total=5.0 * self.second)
        try:
            async with self.session.post(self.url, params=query, data=xml.encode(), timeout=timeout) as response:
                body = (await response.read()).decode()
                if response.status != 200:
                    return None
        except (aiohttp.ClientError, TimeoutError):
            return None
        found = _CONTENT.search(body)
        return found[1].replace("]]]]><![CDATA[>", "]]>") if found else ""

    def pushed(self, call: Call) -> Json:
        """The vendor's API received a customer-service message."""
        self.seen[call.json["touser"]].append(call.json["text"]["content"])
        return {"errcode": 0, "errmsg": "ok"}
