"""What the answers of WeChat's and WeCom's APIs have in common: errcode, errmsg, access tokens."""

from collections.abc import Mapping
from typing import Any

from adapters.http import JsonApi, Token, UpstreamError
from adapters.protocol import Delivery, Outcome

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
# Busy, daily quota, per-minute quota, paused: the seconds after which a repeat makes sense.
AGAIN: Mapping[int, float] = {-1: 1.0, 45009: 60.0, 45011: 30.0, 45033: 5.0, 50002: 60.0}


class WxApi:
    """Calls with an access token, fetched when needed and renewed once when refused."""

    def __init__(self, base: str, token_path: str, credentials: Mapping[str, str], *, by_get: bool) -> None:
        self._api = JsonApi(base)
        self._token_path, self._credentials, self._by_get = token_path, credentials, by_get
        self._token = Token(self._fetch_token)

    async def call(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The vendor's answer, whatever its errcode; raises UpstreamError when there is none."""
        token = await self._token.get()
        answer = await self._api.post(path, body, access_token=token)
        if answer.get("errcode") in TOKEN_REFUSED:
            self._token.drop(token)
            answer = await self._api.post(path, body, access_token=await self._token.get())
        return answer

    async def send(self, path: str, body: Mapping[str, object]) -> Delivery:
        """A call whose outcome alone counts."""
        try:
            answer = await self.call(path, body)
        except UpstreamError as error:
            return error.as_delivery()
        code = answer.get("errcode", 0)
        if code == 0:
            return Delivery(Outcome.SENT)
        detail = f"errcode {code}: {str(answer.get('errmsg', ''))[:120]}"
        if code in AGAIN or code in TOKEN_REFUSED:
            return Delivery(Outcome.RETRY, detail, AGAIN.get(code, 5.0))
        return Delivery(Outcome.FAILED, detail)

    async def check(self) -> tuple[str, ...]:
        """What is wrong with the credentials or the way to the vendor."""
        try:
            await self._token.get()
        except UpstreamError as error:
            return (f"access token: {error}",)
        return ()

    async def close(self) -> None:
        await self._api.close()

    async def _fetch_token(self) -> tuple[str, float]:
        if self._by_get:
            answer = await self._api.get(self._token_path, **self._credentials)
        else:
            answer = await self._api.post(self._token_path, self._credentials)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int | float):
            raise UpstreamError(f"no token: errcode {answer.get('errcode')}: {str(answer.get('errmsg', ''))[:120]}")
        return token, float(seconds)
