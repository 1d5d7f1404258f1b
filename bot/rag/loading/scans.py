"""Pages that are pictures, read by RapidOCR (Apache-2.0, models in the wheel) where the extra `ocr` is installed."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pypdfium2

LIMIT_PAGES = 300  # of one file: two or three seconds each
_ENGINE = "rapidocr_onnxruntime"
_SCALE = 2.5  # pixels a point: 180 dpi, from which small Chinese print is legible
_SURE = 0.6  # of a line

Engine = Callable[[Any], tuple[Sequence[tuple[object, str, float]] | None, object]]  # BGR picture -> box, text, score


def can_read() -> bool:
    return find_spec(_ENGINE) is not None


def read_scan(page: pypdfium2.PdfPage) -> list[str]:
    """The lines of a picture from top to bottom, those that are hardly legible left out; none of an empty page."""
    if next(page.get_objects(max_depth=1), None) is None:
        return []
    found, _ = _engine()(page.render(scale=_SCALE).to_numpy())
    return [text.strip() for _, text, score in found or () if float(score) >= _SURE and text.strip()]


@cache
def _engine() -> Engine:
    """Half a second and 100 MB, so only for the first scan."""
    engine: Engine = import_module(_ENGINE).RapidOCR()
    return engine
