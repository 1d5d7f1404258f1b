"""Lines of standard input, as they come."""

import io
import sys
from collections.abc import Iterator


def read_lines() -> Iterator[str]:
    """Each line without its end. Only a line feed ends one; bytes that are not UTF-8 become U+FFFD."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    for line in sys.stdin:
        yield line.rstrip("\r\n")
