"""`python -m bot doctor` says of each channel whether it works, and if not, what is wrong."""

import json
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.__main__ import main
from bot.commands import doctor
from tests.delivering import Scripted
from tests.peers.vendor import run_vendor
from tests.test_adapters import AES_KEY, CORP, SECRET, TOKEN, WX_TOKEN
from tests.test_channels import open_one, serving

WECOM = {"token": TOKEN, "encoding_aes_key": AES_KEY, "app_secret": "s"}


async def test_working_channels_work(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Signature, token, clock and the way in, for every platform that calls us."""
    async with run_vendor(**{"cgi-bin__gettoken": WX_TOKEN, "cgi-bin__stable_token": WX_TOKEN}) as vendor:
        at = {"base_url": vendor.url}
        for platform, secrets, table in (
            ("wecom", WECOM, {"corp_id": CORP, "agent_id": 1, **at}),
            ("wecom_kf", WECOM, {"corp_id": CORP, **at}),
            ("wechat_official", {**WECOM, "token": TOKEN}, {"app_id": "wx1", "verified": True, **at}),
            ("webhook", {"secrets": SECRET}, {"reply_url": f"{vendor.url}/in"}),
        ):
            channel = open_one(platform, secrets, **table)
            async with serving(tmp_path / platform, Scripted(), channel) as (url, core):
                assert await doctor._examine((channel,), url.removesuffix("/channels/shop")) == 0
                assert await core.ledger.unanswered() == [], "a probe is no message"
            assert capsys.readouterr().out == f"shop ({platform}): works\n"


async def test_what_is_wrong_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A refused secret, another service at the address, an address where nobody is, a clock that is off."""

    async def late(request: web.Request) -> web.Response:
        body = json.dumps({"errcode": 40013, "errmsg": "invalid corpid"})
        return web.Response(
            text=body, content_type="application/json", headers={"Date": "Mon, 01 Jan 2024 00:00:00 GMT"}
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", late)
    async with TestServer(app, host="127.0.0.1") as server:
        url = str(server.make_url("")).rstrip("/")
        channel = open_one("wecom", WECOM, corp_id=CORP, agent_id=1, base_url=url)
        assert await doctor._examine((channel,), url) == 1
    out = capsys.readouterr().out
    assert "access token: no token: errcode 40013" in out
    assert "clock is" in out
    assert f"{url} answers HTTP 200: is it this service" in out
    assert "s" not in out.split("errcode")[0].split(), "no secret is printed"
    assert await doctor._examine((channel,), "http://127.0.0.1:1") == 1
    assert "cannot be reached" in capsys.readouterr().out


def test_the_command_without_channels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing configured is nothing wrong."""
    file = tmp_path / "zhida.toml"
    file.write_text("", encoding="utf-8")
    assert main(["doctor", "--settings", str(file)]) == 0
    assert "no channels" in capsys.readouterr().out
