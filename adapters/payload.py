"""Read untrusted bodies: JSON and the flat XML of WeChat; whatever is wrong becomes BadPayload."""

import json
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from adapters.protocol import BadPayload

MOST_ID = 200  # characters of an id we keep; real ones have at most 64


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object in the body."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPayload("the body is not JSON") from error
    if not isinstance(value, dict):
        raise BadPayload("the body is not a JSON object")
    return value


def read_xml(body: bytes | str) -> Mapping[str, str]:
    """Tag -> text of the root's children; entity declarations and doctypes are refused."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ET.ParseError, DefusedXmlException, ValueError, RecursionError) as error:
        raise BadPayload("the body is not plain XML") from error
    return {child.tag: (child.text or "") for child in root}


def text_of(values: Mapping[str, Any], name: str, default: str | None = None) -> str:
    """A text field (numbers become text); raises BadPayload when it is missing or another type."""
    value = values.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()  # a lone surrogate can be neither stored nor sent
    if default is None or value is not None:
        raise BadPayload(f"the field {name} is missing or not text")
    return default


def id_of(values: Mapping[str, Any], name: str) -> str:
    """A field that identifies something: not empty, not longer than any real one."""
    value = text_of(values, name)
    if not 0 < len(value) <= MOST_ID or "\x00" in value:
        raise BadPayload(f"the field {name} is empty or too long")
    return value


def object_of(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A nested JSON object; missing or null counts as empty."""
    value = values.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadPayload(f"the field {name} is not an object")
    return value


def list_of(values: Mapping[str, Any], name: str) -> list[Any]:
    """A nested JSON list; missing or null counts as empty."""
    value = values.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadPayload(f"the field {name} is not a list")
    return value


def number_of(values: Mapping[str, Any], name: str) -> int:
    """A whole number."""
    value = values.get(name)
    if not isinstance(value, int):
        raise BadPayload(f"the field {name} is missing or not a number")
    return value
