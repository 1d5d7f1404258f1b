"""docs/integration.md tells integrators of every address and every error that there is."""

import re

from bot.api import errors
from bot.api.app import ROUTES
from bot.settings import ROOT

PAGE = (ROOT / "docs/integration.md").read_text(encoding="utf-8")
PAGE_ONLY = {"/static/{name:.+}", "/chat/session", "/chat/messages", "/chat/feedback", "/v1/models/{model}"}


def test_every_error_code_is_explained() -> None:
    """A code that the API gives stands in the table of errors, and the table invents none."""
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "bot/api").glob("*.py")))
    given = set(re.findall(r'Refused\(\s*\d{3},\s*"(\w+)"', sources)) | set(errors.CODES.values())
    table = PAGE.partition("## Errors")[2].partition("\n## ")[0]
    told = set(re.findall(r"`([a-z]+_[a-z_]+)`", "".join(re.findall(r"\n\| \d.*?\|(.*?)\|", table))))
    assert given == told


def test_every_address_is_named() -> None:
    """Each route that is for integrators has its address and its scope on the page."""
    for _, path, _, scope in ROUTES:
        assert path in PAGE or path in PAGE_ONLY
        assert scope is None or f"`{scope}`" in PAGE
