"""Reads the configuration the engine gives the program, and gathers what is wrong with it."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any, TypeVar, cast

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from .config_secrets import exposed
from .decode import scalar, shown
from .rules import ArgsError
from .schema import MAPS, key_of, settings
from .service_args import GoServiceArgs
from .stack_file import clear_names, stored

_SET = "pulumi config set --path"
_REMOVE = "pulumi config rm"
_PASSWORD = "image.password"  # noqa: S105 a key
_Args = TypeVar("_Args")


class Reader:
    """The values by arguments class and field, and what was found wrong so far.

    The engine hands over one JSON object for each first part of a key, defaults of Pulumi.yaml included.
    """

    def __init__(self) -> None:
        self.values: defaultdict[type[Any], dict[str, Any]] = defaultdict(dict)
        self._found: set[str] = set()
        self._undecoded: set[str] = set()
        self._project = pulumi.get_project()
        for key, text in (get_config_env() | CONFIG.get()).items():
            project, _, section = key.partition(":")
            if project == self._project:
                self._read_section(section, text)
        for key, setting in settings().items():
            given = setting.field in self.values[setting.owner] or self._is_undecoded(key)
            if setting.required and not given:
                self._undecoded.add(key)
                self._wrong(key, f"is missing; {_SET} {setting.kind.hint.format(key=key)}")

    @property
    def problems(self) -> list[str]:
        """One line for each problem, by key."""
        return sorted(self._found)

    def build(self, owner: type[_Args], values: dict[str, Any]) -> _Args | None:
        """Makes arguments; None if they break rules, which are then among the problems."""
        try:
            return owner(**values)
        except ArgsError as error:
            for problem in error.problems:
                keys = {key_of(owner, field) for field in (problem.field, *problem.related)}
                if not any(map(self._is_undecoded, keys)):
                    self._wrong(key_of(owner, problem.field), problem.reason)
            # What depends on these would be judged by their defaults.
            self._undecoded |= {setting.key for setting in settings().values() if setting.owner is owner}
            return None

    def _wrong(self, key: str, text: str) -> None:
        self._found.add(f"{key}: {text}")

    def _is_undecoded(self, key: str) -> bool:
        """Whether a setting has no value to judge: it, or the whole section."""
        section, _, rest = key.partition(".")
        return not self._undecoded.isdisjoint({section, f"{section}.{rest.partition('.')[0]}"})

    def _read_section(self, section: str, text: str) -> None:
        known = {key.partition(".")[0] for key in settings()} | set(MAPS)
        if section not in known:
            self._unknown_section(section, known)
            return
        try:
            entries = json.loads(text)
        except ValueError:
            entries = None
        if not isinstance(entries, dict):
            self._wrong(section, f"is not a map; {_REMOVE} {section}, then {_SET} {section}.NAME VALUE")
            return
        values = cast("dict[str, Any]", entries)
        self._refuse_exposed(section, values)
        for name, value in values.items():
            key = f"{section}.{name}"
            if self._is_undecoded(key):
                continue
            if section in MAPS:
                self._read_entry(section, name, value)
            else:
                self._read_setting(section, key, value)

    def _refuse_exposed(self, section: str, values: dict[str, Any]) -> None:
        """Refuses secrets that would end in clear. They are not decoded: messages of rules repeat values."""
        if not is_config_secret(f"{self._project}:{section}"):
            return
        for value in exposed(section, values, self._stored(section), _stack_file().name):
            self._undecoded.add(value.withheld)
            self._wrong(value.key, value.reason)

    def _read_setting(self, section: str, key: str, value: Any) -> None:
        setting = settings().get(key)
        if setting is None:
            guess = _did_you_mean(key, set(settings()))
            self._wrong(key, f"is no setting{guess}; {_REMOVE} --path {key}")
            return
        try:
            self.values[setting.owner][setting.field] = setting.kind.decode(value)
        except TypeError:
            self._undecoded.add(key)
            what = "the value" if key == _PASSWORD else shown(value)
            hint = setting.kind.hint.format(key=key)
            self._wrong(key, f"{what} is not {setting.kind.name}; {_SET} {hint}")
        if key == _PASSWORD and value and self._in_clear(section, "password"):
            self._clear(key)

    def _read_entry(self, section: str, name: str, value: Any) -> None:
        key = f"{section}.{name}"
        try:
            self.values[GoServiceArgs].setdefault(section, {})[name] = scalar(value)
        except TypeError:
            self._wrong(key, f"is not a string; {_SET} --type string {key} TEXT")
        if section == "secrets" and self._in_clear(section, name):
            self._clear(key)

    def _in_clear(self, section: str, name: str) -> bool:
        """Whether a value is unencrypted. The engine marks a whole section secret if one of its values is."""
        if not is_config_secret(f"{self._project}:{section}"):
            return True
        return name in clear_names(self._stored(section))

    def _stored(self, section: str) -> Any:
        return stored(_stack_file(), f"{self._project}:{section}")

    def _clear(self, key: str) -> None:
        self._wrong(key, f"is stored in clear; set a new value with {_SET} --secret {key}")

    def _unknown_section(self, section: str, known: set[str]) -> None:
        if section in settings() or section.partition(".")[0] in MAPS:
            self._wrong(section, f"was set without --path; {_REMOVE} {section}, then {_SET} {section} VALUE")
            return
        guess = _did_you_mean(section, known | set(settings()))
        self._wrong(section, f"is no setting{guess}; {_REMOVE} {section}")


def _stack_file() -> Path:
    return Path(f"Pulumi.{pulumi.get_stack()}.yaml")


def _did_you_mean(key: str, known: set[str]) -> str:
    import difflib  # noqa: PLC0415 only when something is wrong

    close = difflib.get_close_matches(key, sorted(known), n=1)
    return f", did you mean {close[0]}?" if close else ""
