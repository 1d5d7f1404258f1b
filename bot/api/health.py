"""What machines ask of a service: does it live, is it ready, what are its numbers."""

from aiohttp import web

from bot.api.guard import KNOWN
from bot.api.render import json_response
from bot.api.service import SERVICE
from bot.metrics import CONTENT_TYPE


async def alive(_: web.Request) -> web.Response:
    return json_response({"alive": True})


async def ready(request: web.Request) -> web.Response:
    """200 or 503. Strangers learn only that; whoever holds a key, and this machine, sees what is loaded and refused."""
    state = request.app[SERVICE].readiness()
    return json_response(state if request[KNOWN] else {"ready": state["ready"]}, status=200 if state["ready"] else 503)


async def metrics(request: web.Request) -> web.Response:
    return web.Response(body=request.app[SERVICE].metrics.render(), headers={"Content-Type": CONTENT_TYPE})
