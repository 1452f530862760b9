"""Credentials in texts that stand in clear."""

import re

_HOLDS_CREDENTIAL = re.compile(
    r"""
    [a-z][a-z0-9+.-]*://[^/?#\s]*:[^/?#\s]*@  # user and password in an address
    | -----BEGIN\ (?:[A-Z0-9]+\ )*PRIVATE\ KEY
    | (?<![\w.-])(?:password|passwd|pwd)=[^\s;&$<{%*]  # of databases: host=db password=…, ?password=…
    | \bauthorization\W+(?:basic|bearer)\s+[\w.+/=~-]{8}  # a header, in snippets for proxies
    """,
    re.IGNORECASE | re.VERBOSE,
)


def holds_credential(text: str) -> bool:
    """Whether a text has a credential in it, by forms that are nothing else."""
    return bool(_HOLDS_CREDENTIAL.search(text))
