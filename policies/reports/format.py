"""Names of the formats, apart from what makes them: whoever only names one need not wait for it."""

import enum


class Format(enum.StrEnum):
    """What to make of a report."""

    TABLE = "table"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JSON = "json"
