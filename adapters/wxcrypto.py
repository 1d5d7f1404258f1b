"""The signature and encryption shared by WeChat official accounts and WeCom.

SHA-1 over the sorted parts, AES-256-CBC with PKCS#7 to blocks of 32: as the vendor prescribes, not as one would choose.
Source: developers.weixin.qq.com and developer.work.weixin.qq.com, message encryption.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from adapters.protocol import BadPayload, BadSignature

_BLOCK = 32


def sign(*parts: str) -> str:
    """Hex SHA-1 of the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def verify(signature: str, tokens: Sequence[str], *parts: str) -> str:
    """The one of our tokens (two while rotating) that made the signature; raises BadSignature."""
    for token in tokens:
        if hmac.compare_digest(sign(token, *parts).encode(), signature.encode("utf-8", "replace")):
            return token
    raise BadSignature("the signature does not match: is the token the same on both sides?")


def check_fresh(timestamp: str, now: float, window: float = 600.0) -> None:
    """Raises BadSignature unless the timestamp (Unix seconds) lies within `window` seconds of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("the timestamp is not a number of seconds")
    if abs(now - int(timestamp)) > window:
        raise BadSignature(f"the request is {now - int(timestamp):.0f} s old: a replay, or a wrong clock here")


def encrypt(text: str, key: str, receiver: str, random: bytes | None = None) -> str:
    """Base64 of 16 random bytes, the length, the text and the receiver's id, encrypted under the EncodingAESKey."""
    raw = text.encode()
    plain = (random or os.urandom(16)) + struct.pack(">I", len(raw)) + raw + receiver.encode()
    pad = _BLOCK - len(plain) % _BLOCK
    encryptor = _cipher(key).encryptor()
    sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(sealed: str, keys: Sequence[str], receiver: str) -> str:
    """The text inside, under whichever of our keys fits; raises BadPayload, also when it is another tenant's."""
    problem = BadPayload("no EncodingAESKey is set for an encrypted message")
    for key in keys:
        try:
            return _open(sealed, key, receiver)
        except BadPayload as error:
            problem = error
    raise problem


def _open(sealed: str, key: str, receiver: str) -> str:
    try:
        decryptor = _cipher(key).decryptor()
        plain = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        plain = plain[: -_padding(plain)]
        (length,) = struct.unpack(">I", plain[16:20])
        text, owner = plain[20 : 20 + length].decode(), plain[20 + length :].decode()
    except (binascii.Error, ValueError, struct.error, IndexError) as error:
        raise BadPayload("the message cannot be decrypted: is the EncodingAESKey right?") from error
    if not hmac.compare_digest(owner.encode(), receiver.encode()):
        raise BadPayload("the message is for another account")
    return text


def _padding(plain: bytes) -> int:
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise ValueError("wrong padding")
    return pad


def _cipher(key: str) -> Cipher[modes.CBC]:
    raw = base64.b64decode(key + "=")
    return Cipher(algorithms.AES(raw), modes.CBC(raw[:16]))
