"""Checks of what goes into PromQL: names of metrics and labels, regular expressions and matchers."""

import re
import warnings

from ...shared import when

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MATCHER = r'[a-zA-Z_][a-zA-Z0-9_]*\s*(=~|!~|!=|=)\s*"([^"\\\n]|\\[^\n])*"'
_SELECTOR = re.compile(rf"\s*{_MATCHER}(\s*,\s*{_MATCHER})*\s*")
# What Python has and RE2 has not: groups that look around, conditions, atomic groups, possessive quantifiers.
_NOT_RE2 = re.compile(r"\(\?(?!:|P<|[imsU-]+[:)])|[*+?}]\+")
_BACK_REFERENCE = re.compile(r"\\[1-9]|\(\?P=")
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^]]*\]")


def metric(name: str) -> str | None:
    """Check of the name of a metric."""
    broken = not _METRIC.fullmatch(name)
    return when(broken, f'"{name}" is not the name of a metric; use letters, digits, _ and :')


def histogram(name: str) -> str | None:
    """Check of the name of a histogram, which has several series."""
    suffix = next((s for s in ("_bucket", "_count", "_sum") if name.endswith(s)), "")
    if suffix:
        return f'"{name}" is one series of a histogram; use its name, {name.removesuffix(suffix)}'
    return metric(name)


def label(name: str) -> str | None:
    """Check of the name of a label."""
    broken = not _LABEL.fullmatch(name)
    return when(broken, f'"{name}" is not the name of a label; use letters, digits and _')


def pattern(text: str) -> str | None:
    """Check of a regular expression that Prometheus and the gate both read, for the whole of a label's value.

    A series without the label has an empty one, which must not count as known.
    """
    bare = _CLASS.sub("", _ESCAPED.sub("", text))
    if _BACK_REFERENCE.search(text) or _NOT_RE2.search(bare):
        return (
            f'"{text}" has a lookaround, a back-reference or the like, which Prometheus does not know;'
            " write it without"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # [[:alpha:]], which means something else here
            compiled = re.compile(text)
    except (re.error, FutureWarning, DeprecationWarning, OverflowError) as error:
        return f'"{text}" is not a regular expression: {error}; mend it'
    empty = f'"{text}" matches an empty text, and so each series without the label; make it match something'
    return when(compiled.fullmatch("") is not None, empty)


def matchers(text: str) -> str | None:
    """Check of label matchers."""
    broken = not _SELECTOR.fullmatch(text)
    wanted = 'use label matchers without braces, such as job="shop",cluster=~"eu-.*"'
    return when(broken, f"{text} is not a selector; {wanted}")
