"""PDF files made by hand: text, ruled tables, encryption by a password (ISO 32000-1, 7.5 and 7.6, revision 2)."""

import hashlib
from collections.abc import Sequence

_FONT = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_NAME = b"0" * 16  # of the file


def pdf(*pages: str) -> bytes:
    """A PDF of Latin text, a string a page, a line a line."""
    return _file(*map(_text, pages))


def table_pdf(rows: Sequence[Sequence[str]], before: str, after: str) -> bytes:
    """One page: a line, a table with drawn rules, a line."""
    tops = [300 - 20 * number for number in range(len(rows) + 1)]
    lefts = [20 + 100 * number for number in range(len(rows[0]) + 1)]
    rules = [f"{lefts[0]} {top} m {lefts[-1]} {top} l S" for top in tops]
    rules += [f"{left} {tops[0]} m {left} {tops[-1]} l S" for left in lefts]
    words = [(before, 20, 330), (after, 20, tops[-1] - 30)]
    words += [
        (cell, left + 5, top - 15)
        for row, top in zip(rows, tops, strict=False)
        for cell, left in zip(row, lefts, strict=False)
    ]
    said = [f"BT /F 12 Tf 1 0 0 1 {left} {top} Tm ({text})Tj ET" for text, left, top in words]
    return _file("\n".join([*rules, *said]).encode())


def encrypted_pdf(page: str, password: str) -> bytes:
    """One page that a password opens; an empty one opens by itself and only forbids to change it."""
    user = (password.encode() + _PADDING)[:32]
    owner = _rc4(hashlib.md5((b"owner" + _PADDING)[:32]).digest()[:5], user)
    rights = -4
    key = hashlib.md5(user + owner + rights.to_bytes(4, "little", signed=True) + _NAME).digest()[:5]
    proof = _rc4(key, _PADDING)
    entry = f"<</Filter/Standard/V 1/R 2/O<{owner.hex()}>/U<{proof.hex()}>/P {rights}>>"
    of_stream = hashlib.md5(key + (4).to_bytes(3, "little") + bytes(2)).digest()[:10]
    return _file(_rc4(of_stream, _text(page)), encryption=entry.encode())


def _text(page: str) -> bytes:
    lines = " 0 -20 Td ".join(f"({line})Tj" for line in page.split("\n"))
    return f"BT /F 12 Tf 20 300 Td {lines} ET".encode()


def _file(*streams: bytes, encryption: bytes = b"") -> bytes:
    """Objects: catalogue, pages, then a page and its stream by turns."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(streams)}>>".encode()]
    for number, stream in enumerate(streams):
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents {4 + 2 * number} 0 R/Resources".encode()
        objects += [page + _FONT + b">>", f"<</Length {len(stream)}>>stream\n".encode() + stream + b"\nendstream"]
    trailer = f"/Size {len(objects) + 1}/Root 1 0 R"
    if encryption:
        objects.append(encryption)
        name = _NAME.hex()
        trailer = f"/Size {len(objects) + 1}/Root 1 0 R/Encrypt {len(objects)} 0 R/ID[<{name}><{name}>]"
    body, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + item + b"\nendobj\n"
    listed = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{listed}trailer<<{trailer}>>\n"
    return body + f"{table}startxref\n{len(body)}\n%%EOF".encode()


def _rc4(key: bytes, data: bytes) -> bytes:
    """The cipher of old PDF files; the same again undoes it."""
    box, place = list(range(256)), 0
    for number in range(256):
        place = (place + box[number] + key[number % len(key)]) % 256
        box[number], box[place] = box[place], box[number]
    done, first, second = bytearray(), 0, 0
    for byte in data:
        first = (first + 1) % 256
        second = (second + box[first]) % 256
        box[first], box[second] = box[second], box[first]
        done.append(byte ^ box[(box[first] + box[second]) % 256])
    return bytes(done)
