"""OpenIM: its official client proves the stand-in, the stand-in proves the adapter."""

import asyncio
from pathlib import Path

from openim_sdk.client import OpenIMSDK, SDKConfig, SDKError

from bot.channels import Channel
from tests.delivering import Scripted
from tests.peers.openim import OpenImServer, run_openim
from tests.test_channels import open_one, serving
from tests.waiting import until


def robot(server: OpenImServer) -> Channel:
    """The robot's channel."""
    secrets = {"secret": "openIM123", "path_secret": "a-long-path-secret"}
    return open_one("openim", secrets, base_url=server.url, bot="agent_bot", bot_name="小助手")


def use_official_client(url: str, token: str, folder: Path) -> list[int]:
    """Log in, send as a user, then as the manager: the error code of each send."""
    sdk = OpenIMSDK(SDKConfig(api_addr=url, data_dir=str(folder), verify_token_on_login=True))
    sdk.login("u1", token)
    codes = []
    for manager in (False, True):
        if manager:
            sdk.logout()
            sdk.login("u1", "manager")
        try:
            codes.append(0 if sdk.send_text("你好", recv_id="u1")["serverMsgID"] else -1)
        except SDKError as refused:
            codes.append(refused.err_code)
    sdk.logout()
    return codes


async def test_the_official_client_is_at_home_in_the_stand_in(tmp_path: Path) -> None:
    """Its login by token works; its send is refused as the real server refuses who is no manager."""
    async with run_openim() as server:
        server.tokens["manager"] = "imAdmin"
        codes = await asyncio.to_thread(use_official_client, server.url, server.login("u1"), tmp_path)
        assert codes == [1002, 0]
        assert server.shown == {"u1": ["你好"]}


async def test_a_conversation_with_tokens_running_out_and_no_loop(tmp_path: Path) -> None:
    """Private and group messages are answered once; our own answers come back and are dropped; tokens are renewed."""
    async with run_openim() as server:
        channel, answerer = robot(server), Scripted()
        assert await channel.adapter.check() == ()
        assert "agent_bot" in server.users, "the robot account was made"
        async with serving(tmp_path, answerer, channel) as (url, core):
            server.callback = f"{url}/a-long-path-secret"
            await server.say("u1", {"content": "怎么退货？"}, to="agent_bot")
            await until(lambda: server.shown.get("u1"))
            server.expire()
            at = {"text": '@小助手 \\ 引号" 换行\n在吗？', "atUserList": ["agent_bot"], "atUsersInfo": []}
            await server.say("u2", at, group="g1", at=["agent_bot"])
            await server.say("u2", {"content": "与机器人无关？"}, group="g1")
            await until(lambda: server.shown.get("g1"))
            await until(lambda: len(server.callbacks) == 5)
            await core.settle()
        assert server.shown == {"u1": ["re: 怎么退货？"], "g1": ['re: \\ 引号" 换行\n在吗？']}
        assert len(answerer.asked) == 2
        assert server.logins == 2
        assert {(status, answer["actionCode"]) for status, answer in server.callbacks} == {(200, 0)}


async def test_an_unknown_robot_is_a_failure_that_check_explains(tmp_path: Path) -> None:
    """Refused for good: not repeated; a wrong secret is told."""
    async with run_openim() as server:
        channel = robot(server)
        async with serving(tmp_path, Scripted(), channel) as (url, core):
            server.callback = f"{url}/a-long-path-secret"
            await server.say("u1", {"content": "怎么退货？"}, to="agent_bot")
            await until(lambda: server.callbacks)
            await core.settle()
            assert await core.ledger.outcomes() == {"failed": 1}
        wrong = open_one("openim", {"secret": "wrong", "path_secret": "x"}, base_url=server.url, bot="agent_bot")
        assert "errCode 1001" in (await wrong.adapter.check())[0]
        await wrong.adapter.close()
