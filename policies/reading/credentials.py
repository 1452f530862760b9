"""Detects credentials in plaintext. Results name the kind, never the value."""

import math
import re
from collections import Counter

from .credential_names import is_secret_name, is_strict_name
from .credential_patterns import credential_format
from .json_text import strings

_REFERENCE = re.compile(
    r"""
    [$`].* | %[sdv] | %\(\w+\)[sdv] | %\w+%  # shells, Kubernetes, format strings, Windows
    | \{\{.*\}\} | <[^<>]*> | \*+ | x+ | \.{3} | …  # templates, redacted values
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]*://\S+|(?:arn|awssm|env|file|gcpsm|secret|ssm|vault):\S+", re.IGNORECASE
)
_PATH = re.compile(
    r"(?:~|\.{1,2})?/[\w.@%+,:~/-]*|[A-Za-z]:\\\S*|[\w./-]+\.(?:crt|env|json|key|pem|toml|txt|ya?ml)"
)
_DIGEST = re.compile(r"(?:sha(?:1|224|256|384|512)|md5)[:-][A-Za-z0-9+/=]+")
_IMAGE = re.compile(r"[\w.-]+(?::\d+)?(?:/[\w.-]+)+(?::[\w.-]+|@sha256:[0-9a-f]{64})")
_SWITCH = re.compile(
    r"|true|false|yes|no|on|off|none|null|nil|required|optional|disabled|\d{1,3}", re.IGNORECASE
)
_IDENTITY = re.compile(r"[0-9a-f]{7,40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HARMLESS = (_REFERENCE, _ADDRESS, _PATH, _DIGEST, _IMAGE, _SWITCH)

# A name after `$` is an expansion, one after `-` an option. In a shell there is no space around `=`.
_VALUE = r"""(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"';&|)]+)"""
_NAMED = (
    re.compile(rf"(?<![\w$\{{.-])(?P<name>[A-Za-z_][\w.-]*)={_VALUE}"),
    re.compile(rf"(?<![\w-])(?:-D|--?)(?P<name>[A-Za-z][\w.-]+)(?:=|\s+)(?!-){_VALUE}"),
    re.compile(
        rf"^[ \t-]*[\"']?(?P<name>[A-Za-z_][\w.-]*)[\"']?[ \t]*[:=][ \t]*{_VALUE}[ \t]*,?[ \t]*(?:#.*)?$",
        re.M,
    ),
)
_LITERAL = r"""(?!["']?[$`<{*])["']?[^\s"']"""
_PASSWORD_OPTIONS = (
    re.compile(rf"\bsshpass\s+-p\s*{_LITERAL}"),
    re.compile(rf"\b(?:docker|podman|helm registry)\s+login\b[^\n|;&]{{0,300}}\s-p\s*{_LITERAL}"),
    re.compile(rf"\bmysql(?:dump|admin)?\b[^\n|;&]{{0,300}}\s-p{_LITERAL}"),
    re.compile(rf"\bredis-cli\b[^\n|;&]{{0,300}}\s-a\s*{_LITERAL}"),
    re.compile(rf"\bcurl\b[^\n|;&]{{0,300}}\s(?:-u|--user)[\s=]*[\"']?[\w.@-]+:{_LITERAL}"),
)


def credential_in_entry(name: str, value: str) -> str | None:
    """Kind of credential in a named value, such as "a private key"; None if none is found."""
    return credential_in_value(name, value) or credential_in_text(value)


def credential_in_value(name: str, value: str) -> str | None:
    """Kind of credential that a value is, judged by its format and name; None if it looks harmless."""
    value = value.strip()
    found = credential_format(value)
    if found or not is_secret_name(name) or any(shape.fullmatch(value) for shape in _HARMLESS):
        return found
    return "a credential (by its name)" if is_strict_name(name) or is_random(value) else None


def credential_in_text(text: str) -> str | None:
    """Kind of credential in a command, script or configuration file; None if none is found."""
    if found := credential_format(text):
        return found
    matches = (match for pattern in _NAMED for match in pattern.finditer(text))
    named = [*((match["name"], _unquote(match["value"])) for match in matches), *strings(text)]
    if any(credential_in_value(name, value) for name, value in named):
        return "a credential (by its name)"
    return "a password (by its option)" if any(option.search(text) for option in _PASSWORD_OPTIONS) else None


def _unquote(value: str) -> str:
    return value[1:-1] if value[:1] in "\"'" and value[-1:] == value[:1] else value


def is_random(value: str) -> bool:
    """Whether a value is long, has high entropy, and is neither words nor a commit or UUID."""
    if len(value) < 12 or not re.fullmatch(r"[!-~]+", value) or _IDENTITY.fullmatch(value):
        return False
    return any(_is_mixed(part) for part in re.split(r"[-._/]", value)) and entropy(value) >= 3.0


def _is_mixed(part: str) -> bool:
    letters = re.search(r"[a-zA-Z]", part)
    return len(part) >= 8 and bool(letters and (re.search(r"[0-9]", part) or re.search(r"[a-z][A-Z]", part)))


def entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)
