"""What the engine does not tell: which values of a stack file are not encrypted."""

from pathlib import Path
from typing import Any, cast

import yaml


def clear_names(file: Path, section: str) -> set[str]:
    """Names in a section (`project:secrets`) whose values stand in clear in a stack file.

    None for a file that is not there: the values then come from somewhere else.
    """
    if not file.is_file():
        return set()
    document = cast("dict[str, Any]", yaml.safe_load(file.read_text()) or {})
    config = cast("dict[str, Any]", document.get("config") or {})
    values = cast("dict[str, Any]", config.get(section) or {})
    return {name for name, value in values.items() if value != "" and not _encrypted(value)}


def _encrypted(value: Any) -> bool:
    return isinstance(value, dict) and list(cast("dict[str, Any]", value)) == ["secure"]
