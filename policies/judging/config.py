"""Configuration of the rules: levels, options and exemptions.

One JSON object in the format of `pulumi --policy-pack-config`. Its keys are names of rules, or `all`. Its
values are levels, or objects with `enforcementLevel`, options of the rule and `exemptions`.
"""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal, cast, get_args

from ..model import Options, Rule
from . import exemptions, schema
from .exemptions import Exemption

Level = Literal["advisory", "mandatory", "remediate", "disabled"]
LEVELS: tuple[str, ...] = get_args(Level)

SECRET_PATHS = "secret-paths"  # noqa: S105 - the name of a policy
"""Name of the policy that records which properties are secret; see pack.py."""


class ConfigError(Exception):
    """An invalid configuration; the message has one line for each problem."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Configuration of one rule."""

    level: Level = "mandatory"
    """Whether a violation is only reported, or fails the run."""
    options: Options = field(default_factory=dict[str, Any])
    """Values of its options, including defaults."""
    exemptions: tuple[Exemption, ...] = ()
    """Resources that are exempt from it."""


def option_schemas(rule: Rule) -> dict[str, dict[str, Any]]:
    """JSON schemas of a rule's options and exemptions, by key."""
    return {
        **{
            name: {**option.schema, "default": option.default, "description": option.meaning}
            for name, option in rule.options.items()
        },
        "exemptions": exemptions.SCHEMA,
    }


def settings(rule: Rule, given: Mapping[str, Any], level: Level = "mandatory") -> Settings:
    """Settings of a rule from its part of the configuration, without the level. Raises ConfigError."""
    known = option_schemas(rule)
    found = list(
        schema.problems(
            dict(given), {"type": "object", "properties": known, "additionalProperties": False}, rule.name
        )
    )
    if found:
        raise ConfigError(found)
    return Settings(
        level=level,
        options={name: given.get(name, option.default) for name, option in rule.options.items()},
        exemptions=tuple(_exemptions(rule, given.get("exemptions", []))),
    )


def every(rules: Iterable[Rule], config: Mapping[str, Any]) -> dict[str, Settings]:
    """Settings of all rules, by name. Raises ConfigError with all problems."""
    by_name = {rule.name: rule for rule in rules}
    found: list[str] = []
    parts: dict[str, tuple[Level | None, dict[str, Any]]] = {}
    for name, value in config.items():
        if name not in (*by_name, "all", SECRET_PATHS):
            found.append(f"{name}: there is no such rule{did_you_mean(name, by_name)}")
            continue
        level, given, problem = _split(value)
        found += [f"{name}: {problem}"] if problem else []
        parts[name] = (level, given)
    default = parts.get("all", (None, {}))[0] or "mandatory"
    made: dict[str, Settings] = {}
    for name, rule in by_name.items():
        level, given = parts.get(name, (None, {}))
        try:
            made[name] = settings(rule, given, level or default)
        except ConfigError as error:
            found += error.problems
    if found:
        raise ConfigError(found)
    return made


def read(file: Path) -> dict[str, Any]:
    """The configuration in a file. Raises ConfigError if it cannot be read or is not a JSON object."""
    try:
        config = json.loads(file.read_text())
    except OSError as error:
        raise ConfigError([f"{file}: {error.strerror}"]) from None
    except ValueError as error:
        raise ConfigError([f"{file}: not JSON: {error}"]) from None
    if not isinstance(config, dict):
        raise ConfigError([f"{file}: a configuration has to be an object with rule names as keys"])
    return cast("dict[str, Any]", config)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the most similar known name; empty if none is similar."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _split(value: Any) -> tuple[Level | None, dict[str, Any], str]:
    """Level, remaining keys, and the problem with the value, empty if there is none."""
    given = cast("dict[str, Any]", value) if isinstance(value, dict) else {"enforcementLevel": value}
    rest = {key: entry for key, entry in given.items() if key != "enforcementLevel"}
    level = given.get("enforcementLevel")
    if level is not None and level not in LEVELS:
        return None, rest, f"{level!r} is not an enforcement level; use one of {', '.join(LEVELS)}"
    return level, rest, ""


def _exemptions(rule: Rule, given: list[dict[str, str]]) -> Iterator[Exemption]:
    for index, each in enumerate(given):
        try:
            expires = date.fromisoformat(each["expires"])
        except ValueError:
            key = f"{rule.name}.exemptions[{index}].expires"
            raise ConfigError([f"{key}: {each['expires']!r} is not a date; write YYYY-MM-DD"]) from None
        yield Exemption(resource=each["resource"], reason=each["reason"], expires=expires)
