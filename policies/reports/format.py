"""Names of the report formats; apart from the writers, so that command lines load fast."""

import enum


class Format(enum.StrEnum):
    """Format of a report."""

    TABLE = "table"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JSON = "json"
