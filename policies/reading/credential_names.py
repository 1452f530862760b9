"""Names whose value is likely to be a credential."""

import re
from itertools import pairwise

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_PASSWORD = re.compile(
    r"password|passwd|passwort|pass|pwd|passphrase|passcode|(?:api|access|private|secret)key"
)
_SECRET = re.compile(r"secrets?|tokens?|credentials?|jwt")
_OF_KEY = re.compile(
    r"access|account|api|app|auth|cipher|cookie|crypt|encryption|hmac|jwt|license|master|private|secret|service"
    r"|session|shared|signing|ssh|storage|webhook"
)
_OF_SECRET = re.compile(
    r"access|admin|api|app|auth|bearer|bot|client|consumer|cookie|csrf|deploy|github|gitlab|hmac|jwt|npm|oauth"
    r"|personal|pypi|refresh|registry|root|secret|session|shared|signing|slack|user|vault|webhook"
)
# About a credential without being one: TOKEN_TTL, PASSWORD_FILE, SECRET_NAME, MAX_TOKENS.
_ABOUT = re.compile(
    r"age|alg|algorithm|arn|audience|auth|backend|check|checksum|class|command|count|days|digest|dir|directory"
    r"|enabled|endpoint|env|expiration|expiry|field|files?|fingerprint|format|hash|header|hint|host|hours|id|image"
    r"|index|issuer|kind|length|lifetime|limit|location|manager|max|method|min|minutes|mode|mount|names?|namespace"
    r"|paths?|policy|port|prefix|provider|ref|region|required|rotation|script|seconds|server|service|size|source"
    r"|stdin|store|suffix|timeout|ttl|type|uri|url|validity|version|volume"
)
_ABOUT_FIRST = re.compile(
    r"allow|disable|enable|existing|has|is|max|min|no|num|public|require|skip|use|with|without"
)


def is_secret_name(name: str) -> bool:
    """Whether a value with this name may be a credential."""
    words = _words(name)
    if not words or _ABOUT.fullmatch(words[-1]) or _ABOUT_FIRST.fullmatch(words[0]):
        return False
    return is_strict_name(name) or any(_SECRET.fullmatch(word) for word in words)


def is_strict_name(name: str) -> bool:
    """Whether any literal with this name is a credential: password, API token, client secret, secret key.

    A plain `secret` or `token` does not count, because its value is often a name.
    """
    words = _words(name)
    return any(_PASSWORD.fullmatch(word) for word in words) or any(
        (_OF_KEY.fullmatch(first) and second in ("key", "keys"))
        or (_OF_SECRET.fullmatch(first) and _SECRET.fullmatch(second))
        for first, second in pairwise(words)
    )


def _words(name: str) -> list[str]:
    """Lower-case words of a name such as DB_PASSWORD, dbPassword or db-password."""
    return [word.lower() for word in _WORD.findall(name)]
