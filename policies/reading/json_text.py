"""Strings in JSON text."""

import json
from collections.abc import Iterator

from ..values import leaves


def strings(text: str) -> Iterator[tuple[str, str]]:
    """Nearest key and value of each string in a JSON map or list; empty for other text."""
    if not text.lstrip().startswith(("{", "[")):
        return
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    for path, value in leaves(found):
        if isinstance(value, str):
            yield next((part for part in reversed(path) if isinstance(part, str)), ""), value
