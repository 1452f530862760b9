"""Text that is JSON."""

import json
from collections.abc import Iterator

from ..values import leaves


def strings(text: str) -> Iterator[tuple[str, str]]:
    """Strings within a map or list that is JSON, each with the nearest name around it; none in other text."""
    if not text.lstrip().startswith(("{", "[")):
        return
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    for path, value in leaves(found):
        if isinstance(value, str):
            yield next((part for part in reversed(path) if isinstance(part, str)), ""), value
