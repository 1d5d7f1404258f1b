"""Write the flat XML that WeChat takes. Reading is in payload.py."""

import re
from collections.abc import Mapping

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xml(fields: Mapping[str, str]) -> str:
    """One element a field, each text in CDATA; what XML cannot hold is left out, `]]>` is cut in two."""
    return "<xml>" + "".join(f"<{tag}>{_cdata(text)}</{tag}>" for tag, text in fields.items()) + "</xml>"


def _cdata(text: str) -> str:
    return f"<![CDATA[{_ILLEGAL.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"
