"""The Wechaty gateway is killed and comes back: how long until the account answers again, and what was pending."""

import asyncio
import time
from pathlib import Path

from tests.delivering import Scripted
from tests.peers.gateway import run_gateway
from tests.test_channels import open_one, running_channels
from tests.waiting import until


async def dead_gateway(folder: Path, seconds: float) -> dict[str, object]:
    """Twenty messages whose answers are ready only when the gateway is gone for so many seconds."""
    async with run_gateway(folder) as gateway:
        channel = open_one("wechaty", {"token": "gateway-token"}, endpoint=gateway.endpoint)
        slow = Scripted(seconds=lambda message: 3.0)
        async with running_channels(folder, slow, channel):
            await until(lambda: channel.adapter.connected)
            for number in range(20):
                who = "wxid_mary" if number % 2 else "wxid_tom"
                await gateway.tell(
                    "say",
                    text=f"第{number}个问题，请问怎么办呢，等了好久好久好久好久好久好久好久好久好久？",
                    **{"from": who},
                )
            await asyncio.sleep(0.5)
            await gateway.kill()
            await asyncio.sleep(seconds)
            await gateway.start()
            began = time.perf_counter()
            await until(lambda: channel.adapter.connected, 60)
            back = time.perf_counter() - began
            await until(lambda: len(gateway.sent()) == 20, 120)
            sent = gateway.sent()
    return {
        "away_s": seconds,
        "back_after_s": round(back, 1),
        "pending_sent": len(set(sent)),
        "doubled": len(sent) - len(set(sent)),
    }
