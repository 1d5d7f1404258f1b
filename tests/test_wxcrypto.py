"""The vendors' own examples of signatures and encryption, and an independent library both ways."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.work.crypto import WeChatCrypto as WorkCrypto

from adapters.protocol import BadPayload, BadSignature, Request
from adapters.wechat_official import WechatOfficial, WechatOfficialOptions
from adapters.wecom import Wecom, WecomOptions
from adapters.wxcrypto import decrypt, encrypt, sign, verify

WECOM = ("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7")
OFFICIAL = ("spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2")
ECHO = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
WECOM_SEALED = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3"
    "TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gs"
    "ijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUa"
    "x5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIG"
    "HBZZIs2pDBS8R07+qN+E7Q=="
)
OFFICIAL_SEALED = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXp"
    "bUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlp"
    "Kn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD"
    "1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
)


def wecom() -> Wecom:
    """The application of the vendor's example."""
    return Wecom(
        WecomOptions.model_validate(
            {
                "platform": "wecom",
                "name": "shop",
                "corp_id": WECOM[2],
                "agent_id": 218,
                "token": WECOM[0],
                "encoding_aes_key": WECOM[1],
                "app_secret": "s",
            }
        )
    )


def test_wecoms_example_of_an_address_check() -> None:
    """The decrypted echo, bare."""
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
    }
    parsed = wecom().parse(Request("GET", {**query, "nonce": "263014780", "echostr": ECHO}, {}, b"", 1409659590.0))
    assert parsed.response.body == b"1616140317555161061"


def test_wecoms_example_of_a_message() -> None:
    """The vendor's request gives the vendor's message."""
    body = (
        f"<xml><ToUserName><![CDATA[{WECOM[2]}]]></ToUserName><Encrypt><![CDATA[{WECOM_SEALED}]]></Encrypt>"
        "<AgentID><![CDATA[218]]></AgentID></xml>"
    )
    query = {
        "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
        "timestamp": "1409659813",
        "nonce": "1372623149",
    }
    (message,) = (
        wecom().parse(Request("POST", {**query, "nonce": "1372623149"}, {}, body.encode(), 1409659814.0)).messages
    )
    assert (message.text, message.id, message.user) == ("hello", "4561255354251345929", "mycreate")


@pytest.mark.parametrize("mode", ["compatible", "encrypted"])
def test_the_official_accounts_example_of_a_message(mode: str) -> None:
    """The vendor's request, plain and encrypted parts side by side, gives the vendor's message."""
    token, key, app_id = OFFICIAL
    adapter = WechatOfficial(
        WechatOfficialOptions.model_validate(
            {
                "platform": "wechat_official",
                "name": "shop",
                "app_id": app_id,
                "token": f"new-one {token}",
                "encoding_aes_key": key,
                "mode": mode,
            }
        )
    )
    body = (
        "<xml><ToUserName><![CDATA[gh_10f6c3c3ac5a]]></ToUserName><FromUserName><![CDATA[forged]]></FromUserName>"
        f"<Content><![CDATA[forged]]></Content><Encrypt><![CDATA[{OFFICIAL_SEALED}]]></Encrypt></xml>"
    )
    query = {
        "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
        "timestamp": "1409735669",
        "nonce": "1320562132",
        "encrypt_type": "aes",
    }
    (message,) = adapter.parse(Request("POST", query, {}, body.encode(), 1409735670.0)).messages
    assert (message.text, message.id) == ("abcdteT", "6054768590064713728")


@given(text=st.text(max_size=300))
def test_wechatpy_reads_what_we_write_and_writes_what_we_read(text: str) -> None:
    """An independent implementation agrees, whatever the text."""
    token, key, app_id = OFFICIAL
    sealed = encrypt(text, key, app_id)
    stamp, nonce = "1409735669", "1320562132"
    xml = f"<xml><Encrypt>{sealed}</Encrypt></xml>"
    oracle = WeChatCrypto(token, key, app_id)
    assert oracle.decrypt_message(xml, sign(token, stamp, nonce, sealed), stamp, nonce) == text
    assert decrypt(sealed, [key], app_id) == text
    work = WorkCrypto(*WECOM)
    theirs = work.encrypt_message(text, nonce, stamp)
    written = theirs[theirs.index("<Encrypt><![CDATA[") + 18 : theirs.index("]]></Encrypt>")]
    assert decrypt(written, [WECOM[1]], WECOM[2]) == text


def test_the_vendors_node_library_agrees_both_ways(node_modules: Path) -> None:
    """@wecom/crypto decrypts our text, and we its."""
    token, key, receiver = WECOM
    script = (
        "const c = require('@wecom/crypto'); const [key, sealed] = process.argv.slice(1);"
        "const d = c.decrypt(key, sealed);"
        "console.log(JSON.stringify({message: d.message, id: d.id, sealed: c.encrypt(key, '从 Node 来', d.id)}))"
    )
    command = ["node", "-e", script, key, encrypt("到 Node 去 😀", key, receiver)]
    done = subprocess.run(command, cwd=node_modules.parent, capture_output=True, check=True, text=True)
    told = json.loads(done.stdout)
    assert (told["message"], told["id"]) == ("到 Node 去 😀", receiver)
    assert decrypt(told["sealed"], [key], receiver) == "从 Node 来"
    assert token


def test_other_keys_tenants_and_damage_are_bad_payloads() -> None:
    """Never a struct.error, a KeyError or a wrong text."""
    _, key, receiver = WECOM
    sealed = encrypt("hi", key, receiver)
    for damaged, keys, who in (
        (sealed[:-4], [key], receiver),
        ("äö", [key], receiver),
        ("", [key], receiver),
        (sealed, [OFFICIAL[1]], receiver),
        (sealed, [], receiver),
        (sealed, [key], "another"),
        (encrypt("hi", key, receiver, b"r" * 16)[:24], [key], receiver),
    ):
        with pytest.raises(BadPayload):
            decrypt(damaged, keys, who)
    assert decrypt(sealed, [OFFICIAL[1], key], receiver) == "hi", "the old key works while the new one is set first"


def test_a_signature_by_either_of_two_tokens_is_good() -> None:
    """Rotation: the new token and the old one; nothing else, not even an empty or non-ASCII signature."""
    assert verify(sign("old", "1", "2"), ("new", "old"), "1", "2") == "old"
    for signature in ("", "é", "0" * 40):
        with pytest.raises(BadSignature):
            verify(signature, ("new", "old"), "1", "2")
