"""The limits that keep a hostile file from taking the machine."""

import zipfile
from io import BytesIO

from bot.rag.files import Unreadable

LIMIT_UNPACKED = 500 * 2**20  # bytes of an office file once unpacked; a bomb says a thousand times more


_OLE = b"\xd0\xcf\x11\xe0"  # the container of Office before 2007, and of what it encrypts since then


def refuse_bomb(data: bytes) -> None:
    """Raise Unreadable when the zip archive that an office file is would unpack to too much, or is none."""
    if data.startswith(_OLE):
        raise Unreadable("encrypted, or of a format before 2007; save it anew without a password")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(f"damaged or not what its name says: {error}; save it again") from error
    if sum(entry.file_size for entry in entries) > LIMIT_UNPACKED:
        raise Unreadable(f"unpacks to more than {LIMIT_UNPACKED // 2**20} MB; split the file")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("encrypted; save it without a password")
