"""Credentials that are recognised by their format."""

import re

_REFERENCE = r"[$<{*`]|%[sdv(]"


def _token(pattern: str) -> re.Pattern[str]:
    """Matches a token that is not part of a longer word."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])")


_FORMATS: dict[str, tuple[re.Pattern[str], ...]] = {
    "a private key": (
        re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
        re.compile(r"PuTTY-User-Key-File-\d"),
        _token(r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    ),
    "an AWS key": (_token(r"(?:AKIA|ASIA)[0-9A-Z]{16}"),),
    "a GitHub token": (_token(r"gh[oprsu]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}"),),
    "a GitLab token": (_token(r"gl(?:pat|ptt|dt|rt|cbt|oas|soat|agent|ft|imt)-[\w.-]{20,}"),),
    "a Slack token": (
        _token(r"xox[abeoprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}"),
        re.compile(r"hooks\.slack\.com/(?:services|workflows)/\w+/\w+/\w+"),
    ),
    "a Stripe key": (_token(r"[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z+/=]{24,}"),),
    "a Google key": (_token(r"AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{20,}"),),
    "an Azure key": (
        re.compile(r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{30,}={0,2}"),
        re.compile(r"[?&]sig=[A-Za-z0-9%+/]{40,}"),
    ),
    "a registry token": (
        _token(r"npm_[A-Za-z0-9]{36}|pypi-AgE[\w-]{40,}|dckr_(?:pat|oat)_[\w-]{20,}|rubygems_[0-9a-f]{48}"),
        re.compile(r'"auth"\s*:\s*"[A-Za-z0-9+/]{8,}={0,2}"'),
        re.compile(r"/:_(?:authToken|password)=(?!\$)\S"),
    ),
    "a Pulumi token": (_token(r"pul-[0-9a-f]{40}"),),
    "a HashiCorp token": (_token(r"hv[bsr]\.[\w-]{20,}|[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),),
    "an API token": (
        _token(r"SG\.[\w-]{22}\.[\w-]{43}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|\d{8,10}:AA[\w-]{33}"),
        _token(r"sk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9][\w-]{30,}|hf_[A-Za-z]{34}|gsk_[A-Za-z0-9]{48,}"),
        _token(r"do[opr]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}(?:-\d)?|gl(?:sa|c)_[\w+/=]{30,}"),
        _token(r"shp(?:at|ca|pa|ss)_[0-9a-f]{32}|NRAK-[0-9A-Z]{27}|lin_api_\w{40}|ATATT3[\w=-]{100,}"),
    ),
    "a signed token (JWT)": (_token(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),),
    "an Authorization header": (
        re.compile(
            r"authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|token)\s+(?![$<{*`])[\w.+/=~-]{8,}",
            re.IGNORECASE,
        ),
    ),
    "a password in a URL": (
        # References are allowed: $X, ${X}, $(X), {{ x }}, <x>, %s, ***.
        re.compile(
            rf"(?<![\w+.-])[A-Za-z][\w+.-]*://[^\s/?#@:\"']*:(?!{_REFERENCE}|x+@|\.\.\.)[^\s/?#@\"'`]+@(?!sha\d+:)"
        ),
        re.compile(rf"(?<![^\s\"'=])[\w.-]+:(?!{_REFERENCE})[^\s:@/]+@(?:tcp|unix)\("),
        re.compile(
            rf"[?&](?:access_token|api_?key|client_secret|passw(?:or)?d|pwd|token)=(?!{_REFERENCE})[^\s&\"']",
            re.IGNORECASE,
        ),
        re.compile(rf"(?:^|;)\s*(?:password|pwd)\s*=\s*(?!{_REFERENCE})[^\s;\"']+\s*;", re.IGNORECASE),
    ),
}


def credential_format(text: str) -> str | None:
    """Kind of credential that a text contains, such as "a private key"; None if no format matches."""
    for kind, patterns in _FORMATS.items():
        if any(pattern.search(text) for pattern in patterns):
            return kind
    return None
