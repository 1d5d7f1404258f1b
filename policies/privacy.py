"""What is done with personal data: masked where it would be kept, hidden from a language model and put back.

Knows no model and no log; what personal data is says pii.py.
"""

import re
from collections.abc import Sequence

from policies import pii

PERSONAL = ("phone", "id_card", "bank_card", "email", "plate", "address")
_KEPT = {"phone": (3, 4), "bank_card": (0, 4), "id_card": (3, 1), "plate": (2, 1), "email": (1, 0), "order": (2, 2)}
_LABEL = re.compile(r"[\[【]\s*((?:PHONE|ID_CARD|BANK_CARD|EMAIL|PLATE|ADDRESS|ORDER)_\d{1,4})\s*[\]】]", re.IGNORECASE)
_LONGEST_LABEL = 24


def mask(text: str, orders: Sequence[str] = ()) -> str:
    """Mask the personal data of `text` for logs and history views: 138****5678."""
    pieces, done = [], 0
    for datum in pii.find(text, PERSONAL, orders):
        pieces += [text[done : datum.start], _masked(text[datum.start : datum.end], datum.kind)]
        done = datum.end
    return "".join([*pieces, text[done:]])


def _masked(value: str, kind: str) -> str:
    front, back = _KEPT.get(kind, (0, 0))
    if kind == "email":
        back = len(value) - value.index("@") if "@" in value else 0
    hidden = max(len(value) - front - back, 0)
    return value[:front] + "*" * hidden + value[len(value) - back :]


class Vault:
    """Keeps the personal data of one conversation away from a language model: labels go in, values come back.

    The same value has the same label in every text, so that the model can still tell two numbers apart.
    """

    def __init__(self, orders: Sequence[str] = ()) -> None:
        self.orders = orders
        self._labels: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._taken: set[str] = set()

    def conceal(self, text: str) -> str:
        """Give `text` with labels such as [PHONE_1] in place of personal data."""
        self._taken.update(match[1].upper() for match in _LABEL.finditer(text))
        pieces, done = [], 0
        for datum in pii.find(text, PERSONAL, self.orders):
            pieces += [text[done : datum.start], f"[{self._label(datum.kind, text[datum.start : datum.end])}]"]
            done = datum.end
        return "".join([*pieces, text[done:]])

    def restore(self, text: str) -> str:
        """Put the values back in a whole text; labels that were never given stay as they are."""
        return _LABEL.sub(lambda match: self._values.get(match[1].upper(), match[0]), text)

    def stream(self) -> "Restoring":
        """Put the values back in a text that comes piece by piece."""
        return Restoring(self)

    def _label(self, kind: str, value: str) -> str:
        known = self._labels.get((kind, value))
        if known:
            return known
        number = 1
        while (label := f"{kind.upper()}_{number}") in self._values or label in self._taken:
            number += 1
        self._labels[kind, value] = label
        self._values[label] = value
        return label


class Restoring:
    """Restores piece by piece; holds back only what may become a label."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._held = ""

    def feed(self, piece: str) -> str:
        """Take the next piece; give the text that is certain."""
        text = self._held + piece
        start = max(text.rfind("["), text.rfind("【"))
        open_label = start >= 0 and len(text) - start <= _LONGEST_LABEL and not re.search(r"[\]】]", text[start:])
        self._held = text[start:] if open_label else ""
        return self._vault.restore(text[:start] if open_label else text)

    def close(self) -> str:
        """Give what was held back."""
        held, self._held = self._held, ""
        return self._vault.restore(held)
