"""The always encrypted callback of WeCom: verify, decrypt, hand over the XML fields. Knows no product of theirs.

Source: developer.work.weixin.qq.com, receiving messages and events.
"""

from collections.abc import Mapping, Sequence

from adapters.payload import read_xml, text_of
from adapters.protocol import Request, Response
from adapters.wxcrypto import check_fresh, decrypt, encrypt, sign, verify


def open_callback(
    request: Request, tokens: Sequence[str], keys: Sequence[str], receiver: str
) -> Response | Mapping[str, str]:
    """The response to the vendor's address check, or the fields of a message; raises BadSignature, BadPayload."""
    stamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
    check_fresh(stamp, request.now)
    checking = request.method == "GET"
    sealed = request.query.get("echostr", "") if checking else text_of(read_xml(request.body), "Encrypt")
    verify(request.query.get("msg_signature", ""), tokens, stamp, nonce, sealed)
    text = decrypt(sealed, keys, receiver)
    return Response(text.encode()) if checking else read_xml(text)


def probe_callback(tokens: Sequence[str], keys: Sequence[str], receiver: str, now: float) -> tuple[Request, bytes]:
    """The vendor's address check, made by ourselves, and the answer to it."""
    stamp, nonce = str(int(now)), "zhida"
    sealed = encrypt("zhida", keys[0], receiver)
    query = {"msg_signature": sign(tokens[0], stamp, nonce, sealed), "timestamp": stamp, "nonce": nonce}
    return Request("GET", {**query, "echostr": sealed}, {}, b"", now), b"zhida"
