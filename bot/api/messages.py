"""POST /api/messages: one question in, the whole reply out, with the reason for it."""

from aiohttp import web

from bot.api import body
from bot.api.errors import Refused
from bot.api.guard import ACCOUNT
from bot.api.render import document, json_response
from bot.api.service import ask, new_message

_FIELDS = ("text", "user", "conversation", "id")


async def answer(request: web.Request) -> web.Response:
    asked = await body.read_object(request)
    body.refuse_unknown(asked, _FIELDS)
    for name in ("text", "user"):
        if name not in asked:
            raise Refused(400, "missing_field", f"the field {name} is missing")
    user = body.id_of(asked["user"], "user")
    conversation = body.optional_id(asked, "conversation") or user
    identity = body.optional_id(asked, "id")
    text = body.text_of(asked["text"], "text")
    message = new_message("api", request[ACCOUNT], conversation, user, identity, text)
    reply = await ask(request.app, message)
    return json_response(document(reply) | {"id": message.id})
