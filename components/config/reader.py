"""Reads the configuration of a stack, and gathers what is wrong with it."""

import json
from collections import defaultdict
from typing import Any, TypeVar, cast

from ..service import GoServiceArgs
from ..shared import ArgsError
from .decode import scalar, shown
from .schema import MAPS, all_settings, key_of, nested, sections, settings
from .secrets import exposed
from .stack_config import StackConfig
from .stack_file import is_clear, path

_SET = "pulumi config set --path"
_REMOVE = "pulumi config rm"
_Args = TypeVar("_Args")


class Reader:
    """The values by arguments class and field, and what is wrong so far."""

    def __init__(self, config: StackConfig) -> None:
        self.values: defaultdict[type[Any], dict[str, Any]] = defaultdict(dict)
        self._config = config
        self._found: set[str] = set()
        self._undecoded: set[str] = set()
        for section, text in config.sections.items():
            self._read_section(section, text)
        for key, setting in settings().items():
            given = setting.field in self.values[setting.owner] or self._is_undecoded(key)
            if setting.required and not given:
                self._undecoded.add(key)
                self.refuse(key, f"is missing; {_SET} {setting.kind.hint.format(key=key)}")

    @property
    def problems(self) -> list[str]:
        """One line for each problem, by key."""
        return sorted(self._found)

    def refuse(self, key: str, reason: str) -> None:
        """Adds a problem of a setting: why, and the remedy."""
        self._found.add(f"{key}: {reason}")

    def build(self, owner: type[_Args], values: dict[str, Any]) -> _Args | None:
        """Makes arguments and those within; None if they break rules, which are then among the problems."""
        within = {name: self.build(kind, self.values[kind]) for name, kind in nested(owner).items()}
        try:
            return owner(**values, **{name: made for name, made in within.items() if made is not None})
        except ArgsError as error:
            for problem in error.problems:
                keys = {key_of(owner, field) for field in (problem.field, *problem.related)}
                if not any(map(self._is_undecoded, keys)):
                    self.refuse(key_of(owner, problem.field), problem.reason)
            # What depends on these would be judged by their defaults.
            self._undecoded |= {setting.key for setting in settings().values() if setting.owner is owner}
            return None

    def _is_undecoded(self, key: str) -> bool:
        """Whether there is no value to judge, of the setting or of a section that it is in."""
        return not self._undecoded.isdisjoint(_and_above(key))

    def _read_section(self, section: str, text: str) -> None:
        known = {setting.section for setting in settings().values()} | set(MAPS)
        if section not in known:
            self._refuse_unknown(section, known)
            return
        try:
            entries = json.loads(text)
        except ValueError:
            entries = None
        if not isinstance(entries, dict):
            self.refuse(section, f"is not a map; {_REMOVE} {section}, then {_SET} {section}.NAME VALUE")
            return
        values = cast("dict[str, Any]", entries)
        self._refuse_exposed(section, values)
        for name, value in values.items():
            if section not in MAPS:
                self._read_value((section, name), value)
            elif not self._is_undecoded(f"{section}.{name}"):
                self._read_entry(section, name, value)

    def _refuse_exposed(self, section: str, values: dict[str, Any]) -> None:
        """Refuses secrets that would end up in clear, undecoded: messages of rules repeat values."""
        if not self._config.is_secret(section):
            return
        for value in exposed(section, values, self._config.stored(section), self._config.file.name):
            self._undecoded.add(value.withheld)
            self.refuse(value.key, value.reason)

    def _read_value(self, place: tuple[str, ...], value: Any) -> None:
        """Reads a setting, or those of a section within a section."""
        key = ".".join(place)
        if self._is_undecoded(key):
            return
        if key not in sections():
            self._read_setting(place, value)
        elif isinstance(value, dict):
            for name, entry in cast("dict[str, Any]", value).items():
                self._read_value((*place, name), entry)
        else:
            self._undecoded.add(key)
            self.refuse(key, f"is not a map; {_REMOVE} --path {key}, then {_SET} {key}.NAME VALUE")

    def _read_setting(self, place: tuple[str, ...], value: Any) -> None:
        key = ".".join(place)
        setting = settings().get(key)
        if setting is None:
            guess = _did_you_mean(key, set(settings()))
            self.refuse(key, f"is not a setting{guess}; {_REMOVE} --path {key}")
            return
        try:
            self.values[setting.owner][setting.field] = setting.kind.decode(value)
        except TypeError:
            self._undecoded.add(key)
            what = "the value" if setting.kind.secret else shown(value)
            hint = setting.kind.hint.format(key=key)
            self.refuse(key, f"{what} is not {setting.kind.name}; {_SET} {hint}")
        if setting.kind.secret and value:
            is_map = setting.kind.declared == "object" and isinstance(value, dict)
            names = cast("dict[str, Any]", value) if is_map else None
            for at in [place] if names is None else [(*place, name) for name in names]:
                self._refuse_clear(at)

    def _read_entry(self, section: str, name: str, value: Any) -> None:
        key = f"{section}.{name}"
        try:
            self.values[GoServiceArgs].setdefault(section, {})[name] = scalar(value)
        except TypeError:
            self.refuse(key, f"is not a string; {_SET} --type string {key} TEXT")
        if section == "secrets":
            self._refuse_clear((section, name))

    def _refuse_clear(self, place: tuple[str, ...]) -> None:
        """Refuses a secret that is not encrypted. The engine marks only whole sections as secret."""
        section, steps = place[0], place[1:]
        if not self._config.is_secret(section) or is_clear(self._config.stored(section), steps):
            key = path(section, steps)
            self.refuse(key, f"is stored in clear; set a new value with {_SET} --secret {key}")

    def _refuse_unknown(self, section: str, known: set[str]) -> None:
        if not all_settings().keys().isdisjoint(_and_above(section)):
            self.refuse(section, f"was set without --path; {_REMOVE} {section}, then {_SET} {section} VALUE")
            return
        guess = _did_you_mean(section, known | set(settings()))
        self.refuse(section, f"is not a setting{guess}; {_REMOVE} {section}")


def _and_above(key: str) -> list[str]:
    """A key and the sections that it is in."""
    parts = key.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _did_you_mean(key: str, known: set[str]) -> str:
    import difflib  # noqa: PLC0415 only when something is wrong

    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f", did you mean {close[0]}?" if close else ""
