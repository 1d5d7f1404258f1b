"""DELETE /api/users/{user}: forget a person."""

from aiohttp import web

from bot.api import body
from bot.api.errors import Refused
from bot.api.render import json_response
from bot.api.service import SERVICE
from bot.database import DatabaseUnavailable


async def erase(request: web.Request) -> web.Response:
    user = body.id_of(request.match_info["user"], "user")
    try:
        erased = await request.app[SERVICE].erase(user)
    except DatabaseUnavailable as error:
        raise Refused(503, "history_unavailable", "nothing was erased: the history cannot be reached") from error
    return json_response({"user": user, "erased": erased})
